extension DashboardPage {
  /// Light and dark by the reader's setting; tables become cards where a row no longer fits.
  static let styleSource = #"""
    :root {
      color-scheme: light dark;
      --ground: #f4f6f8; --sheet: #ffffff; --band: #f0f3f6; --ink: #12161c; --soft: #586271; --line: #dfe4ea;
      --buy: #0a5bbd; --sell: #b0410b; --good: #0b7043; --bad: #b4232a; --warn: #8a5a00; --open: #0a5bbd;
      --wait: #586271;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #0e1116; --sheet: #161a21; --band: #1c222a; --ink: #e7ebf0; --soft: #9aa5b4; --line: #2a313b;
        --buy: #74b4ff; --sell: #ff9f6e; --good: #5fd193; --bad: #ff8585; --warn: #f2bd55; --open: #74b4ff;
        --wait: #9aa5b4;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
    body {
      margin: 0 auto; padding: 1rem 1.25rem 2rem; max-width: 96rem; background: var(--ground); color: var(--ink);
      font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    h1, h2, p { margin: 0; }
    h1 { font-size: 1.25rem; letter-spacing: -0.01em; }
    h2 { font-size: 1rem; }
    a { color: var(--buy); }
    a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
    .quiet { color: var(--soft); font-weight: 400; }

    header { margin-bottom: 1rem; }
    .title { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; }
    nav { margin-left: auto; display: flex; gap: 1rem; }
    nav a { padding: 0.25rem 0; text-decoration: none; }
    nav a:hover { text-decoration: underline; }
    .state {
      margin: 0.75rem 0 0.25rem; padding: 0.625rem 0.875rem; border: 1px solid var(--line);
      border-left: 4px solid var(--tone);
      border-radius: 6px; background: var(--sheet);
    }
    .state strong { color: var(--tone); margin-right: 0.5rem; }
    #heard { font-size: 0.8125rem; font-variant-numeric: tabular-nums; min-height: 1.2em; }
    .good { --tone: var(--good); } .bad { --tone: var(--bad); } .warn { --tone: var(--warn); }
    .open { --tone: var(--open); } .wait { --tone: var(--wait); }
    .badge {
      display: inline-block; padding: 0.0625rem 0.5rem; border: 1px solid var(--tone); border-radius: 999px;
      color: var(--tone);
      font-size: 0.8125rem; font-weight: 600; white-space: nowrap;
    }

    section {
      margin-bottom: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet);
      overflow-x: auto;
    }
    .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; padding: 0.75rem 0.875rem 0.5rem; }
    .count { margin-left: auto; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
    .todo p { margin-bottom: 0.25rem; }
    .empty, .problem { padding: 0 0.875rem 0.875rem; }
    .empty { color: var(--soft); }
    .problem { color: var(--bad); }
    .stale table { opacity: 0.6; }

    table { width: 100%; border-collapse: collapse; }
    th, td { padding: 0.4375rem 0.875rem; text-align: left; vertical-align: top; }
    thead th {
      color: var(--soft); font-size: 0.75rem; font-weight: 600; white-space: nowrap;
      border-bottom: 1px solid var(--line);
    }
    tbody { border-bottom: 1px solid var(--line); }
    tbody:last-child { border-bottom: 0; }
    td, time { font-variant-numeric: tabular-nums; }
    .number { text-align: right; white-space: nowrap; }
    .number .stack { align-items: flex-end; }
    .stack { display: inline-flex; flex-direction: column; align-items: flex-start; }
    .under { color: var(--soft); font-size: 0.8125rem; }
    .symbol b, .name, time, .order > span { white-space: nowrap; }
    .order > span { display: inline-block; margin-right: 0.3em; }
    .order > span:first-of-type::first-letter { text-transform: uppercase; }
    td.id > span { display: inline-block; min-width: 6.5rem; }
    .side { font-weight: 700; text-transform: capitalize; }
    .side.under { font-weight: 600; text-transform: none; }
    .side.buy { color: var(--buy); } .side.sell { color: var(--sell); }
    .gain { color: var(--good); } .loss { color: var(--bad); }
    .id {
      font: 0.8125rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
      overflow-wrap: anywhere;
    }

    th.summary { background: var(--band); }
    th.summary > * { margin-right: 0.875rem; }
    th.summary .id { font-size: 0.75rem; margin-right: 0; float: right; }
    .strategy { font-weight: 600; }
    .leg td { border-top: 1px solid var(--line); }
    .note td { padding-top: 0; }
    .note.ignored td { padding-top: 0.4375rem; font-size: 0.8125rem; }
    .under { white-space: nowrap; }
    .reason p { max-width: 60rem; }
    .reason.bad, .reason.warn { padding-left: 0.875rem; }
    .reason.bad p, .reason.warn p { padding-left: 0.75rem; border-left: 3px solid var(--tone); }
    .reason b { color: var(--tone); }
    .reason .code {
      color: var(--soft); font: 0.75rem/1.6 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    footer { font-size: 0.8125rem; }
    footer p + p { margin-top: 0.25rem; }

    @media (min-width: 84rem) {
      .pair th, .pair td { padding-left: 0.5rem; padding-right: 0.5rem; }
      .pair th:first-child, .pair td:first-child { padding-left: 0.875rem; }
      .pair th:last-child, .pair td:last-child { padding-right: 0.875rem; }
      .pair { display: grid; grid-template-columns: minmax(28rem, 2fr) 5fr; gap: 1rem; align-items: start; }
      .care { display: grid; grid-template-columns: 3fr 2fr; gap: 1rem; align-items: start; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .fresh td { animation: fresh 1.5s ease-out; }
      @keyframes fresh { from { background-color: color-mix(in srgb, var(--open) 22%, transparent); } }
    }
    @media (max-width: 80rem) {
      th, td { padding: 0.4375rem 0.5rem; }
      th:first-child, td:first-child { padding-left: 0.875rem; }
      th:last-child, td:last-child { padding-right: 0.875rem; }
      td time { white-space: normal; }
    }
    @media (max-width: 70rem) {
      body { padding: 0.75rem 0.75rem 2rem; }
      nav { margin-left: 0; width: 100%; }
      .count { margin-left: 0; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      table, tbody { display: block; }
      tr { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem 0.75rem; grid-auto-flow: dense;
      padding: 0.625rem 0.875rem; }
      .leg { border-top: 1px solid var(--line); }
      .leg td { border-top: 0; }
      tr > td, tr > th, tr > td:first-child, tr > th:first-child { padding: 0; }
      td[data-label]:not([data-label=""])::before {
        content: attr(data-label); display: block; color: var(--soft); font-family: system-ui, sans-serif;
        font-size: 0.75rem;
      }
      td.number { text-align: left; white-space: normal; }
      td.number .stack { align-items: flex-start; }
      .symbol, .order { grid-column: span 2; }
      td.id { grid-column: 1 / -1; }
      .symbol b, .name, .order > span, time, .under { white-space: normal; overflow-wrap: anywhere; }
      td .badge { white-space: normal; border-radius: 8px; }
      tr.summary, tr.note { display: block; }
      tr.summary { padding: 0.5rem 0.875rem; background: var(--band); }
      tr.note { padding-top: 0; }
      tr.note.ignored { padding-top: 0.5rem; }
      .reason.bad, .reason.warn { padding-left: 0; }
      th.summary { display: block; background: none; }
      th.summary .id { display: block; float: none; }
    }
    @media (min-width: 46rem) and (max-width: 70rem) {
      tr { grid-template-columns: repeat(8, minmax(0, 1fr)); }
      td.id { grid-column: span 2; }
    }

    """#
}

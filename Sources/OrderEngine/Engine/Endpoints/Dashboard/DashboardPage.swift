/// The first page: accounts, positions, alerts and orders of the running engine, live, in one browser tab.
///
/// Three constant answers and nothing from elsewhere: `/`, `/dashboard.js` and `/dashboard.css`. All that changes
/// comes by `/api/v1/…`, `/ready` and `/events`, so the same bytes serve everyone and hold no secret.
enum DashboardPage {
  /// What the page may do in the browser: run our script, use our style sheet, ask this engine. Nothing else.
  ///
  /// Because of it the markup has no inline script, style or handler, and no icon.
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  /// Answer to `GET /`, as `text/html; charset=utf-8`.
  static let html: [UInt8] = Array(markup.utf8)

  /// Answer to `GET /dashboard.js`, as `text/javascript; charset=utf-8`.
  static let script: [UInt8] = Array(scriptSource.utf8)

  /// Answer to `GET /dashboard.css`, as `text/css; charset=utf-8`.
  static let style: [UInt8] = Array(styleSource.utf8)

  // The roles repeat what the elements say, because a browser forgets it when a narrow screen turns rows into cards.
  private static let markup = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>Order engine</title>
    <link rel="stylesheet" href="/dashboard.css">
    <script src="/dashboard.js" defer></script>
    </head>
    <body>
    <header>
      <div class="title">
        <h1>Order engine</h1>
        <p id="money" class="badge" hidden></p>
        <nav aria-label="Sections">
          <a href="#positions">Positions</a>
          <a href="#alerts">Alerts</a>
          <a href="#orders">Orders</a>
          <a href="#tokens">Tokens</a>
          <a href="#diagnosis">Readiness</a>
        </nav>
        <a id="sign-in" href="/login" hidden>Sign in</a>
        <button id="sign-out" type="button" hidden>Sign out</button>
      </div>
      <div id="state" class="state wait" role="status" aria-live="polite">
        <strong id="state-word">Connecting</strong>
        <span id="state-detail">Asking the engine how it is.</span>
      </div>
      <p id="heard" class="quiet"></p>
      <noscript><p class="problem">This page needs JavaScript. The same facts are at /api/v1/accounts,
      /api/v1/positions, /api/v1/alerts and /api/v1/orders.</p></noscript>
    </header>
    <main>
      <div class="pair">
        <section id="accounts" aria-labelledby="accounts-title">
          <div class="head"><h2 id="accounts-title">Accounts</h2><p class="count quiet"></p></div>
          <p class="problem" hidden></p>
          <p class="empty">Not read yet.</p>
          <table role="table" aria-labelledby="accounts-title" hidden>
            <thead role="rowgroup"><tr role="row">
              <th role="columnheader" scope="col">Account</th>
              <th role="columnheader" scope="col">Orders</th>
              <th role="columnheader" scope="col">Symbols</th>
              <th role="columnheader" scope="col" class="number">Live orders</th>
            </tr></thead>
          </table>
        </section>
        <section id="positions" aria-labelledby="positions-title">
          <div class="head"><h2 id="positions-title">Positions</h2><p class="count quiet"></p></div>
          <p class="problem" hidden></p>
          <p class="empty">Not read yet.</p>
          <table role="table" aria-labelledby="positions-title" hidden>
            <thead role="rowgroup"><tr role="row">
              <th role="columnheader" scope="col">Symbol</th>
              <th role="columnheader" scope="col">Account</th>
              <th role="columnheader" scope="col" class="number">Net</th>
              <th role="columnheader" scope="col" class="number">Bought @ average</th>
              <th role="columnheader" scope="col" class="number">Sold @ average</th>
              <th role="columnheader" scope="col" class="number">Last price</th>
              <th role="columnheader" scope="col" class="number">Realised ₹</th>
            </tr></thead>
          </table>
        </section>
      </div>
      <section id="alerts" aria-labelledby="alerts-title">
        <div class="head"><h2 id="alerts-title">Alerts</h2><p class="count quiet"></p></div>
        <p class="problem" hidden></p>
        <p class="empty">Not read yet.</p>
        <table role="table" aria-labelledby="alerts-title" hidden>
          <thead role="rowgroup"><tr role="row">
            <th role="columnheader" scope="col">Leg</th>
            <th role="columnheader" scope="col">Symbol</th>
            <th role="columnheader" scope="col">Side</th>
            <th role="columnheader" scope="col" class="number">Quantity</th>
            <th role="columnheader" scope="col">Order</th>
            <th role="columnheader" scope="col">Outcome</th>
            <th role="columnheader" scope="col" class="number">Filled @ average</th>
            <th role="columnheader" scope="col">Order id</th>
          </tr></thead>
        </table>
      </section>
      <section id="orders" aria-labelledby="orders-title">
        <div class="head"><h2 id="orders-title">Orders</h2><p class="count quiet"></p></div>
        <p class="problem" hidden></p>
        <p class="empty">Not read yet.</p>
        <table role="table" aria-labelledby="orders-title" hidden>
          <thead role="rowgroup"><tr role="row">
            <th role="columnheader" scope="col">Changed (IST)</th>
            <th role="columnheader" scope="col">Symbol</th>
            <th role="columnheader" scope="col">Side</th>
            <th role="columnheader" scope="col" class="number">Quantity</th>
            <th role="columnheader" scope="col">Order</th>
            <th role="columnheader" scope="col">State</th>
            <th role="columnheader" scope="col" class="number">Filled @ average</th>
            <th role="columnheader" scope="col">Order id</th>
          </tr></thead>
        </table>
      </section>
      <div class="care">
        <section id="tokens" aria-labelledby="tokens-title">
          <div class="head"><h2 id="tokens-title">Tokens</h2><p class="count quiet"></p></div>
          <p class="problem" hidden></p>
          <p class="empty">Not read yet.</p>
          <table role="table" aria-labelledby="tokens-title" hidden>
            <thead role="rowgroup"><tr role="row">
              <th role="columnheader" scope="col">Account</th>
              <th role="columnheader" scope="col">Token</th>
              <th role="columnheader" scope="col">Valid until (IST)</th>
              <th role="columnheader" scope="col" class="number">Hours left</th>
              <th role="columnheader" scope="col">To do</th>
            </tr></thead>
          </table>
        </section>
        <section id="channels" aria-labelledby="channels-title">
          <div class="head"><h2 id="channels-title">Messages</h2><p class="count quiet"></p>
            <button id="channels-test" type="button">Send a test</button></div>
          <p class="problem" hidden></p>
          <p class="empty">Not read yet.</p>
          <table role="table" aria-labelledby="channels-title" hidden>
            <thead role="rowgroup"><tr role="row">
              <th role="columnheader" scope="col">Channel</th>
              <th role="columnheader" scope="col">State</th>
              <th role="columnheader" scope="col">Last delivered (IST)</th>
              <th role="columnheader" scope="col" class="number">Waiting</th>
              <th role="columnheader" scope="col" class="number">Given up</th>
            </tr></thead>
          </table>
        </section>
      </div>
      <section id="diagnosis" aria-labelledby="diagnosis-title">
        <div class="head"><h2 id="diagnosis-title">Before the market opens</h2><p class="count quiet"></p>
          <button id="diagnosis-look" type="button">Look now</button></div>
        <p class="problem" hidden></p>
        <p class="empty">Not read yet.</p>
        <table role="table" aria-labelledby="diagnosis-title" hidden>
          <thead role="rowgroup"><tr role="row">
            <th role="columnheader" scope="col">Check</th>
            <th role="columnheader" scope="col">Result</th>
            <th role="columnheader" scope="col">Found</th>
            <th role="columnheader" scope="col">To do</th>
          </tr></thead>
        </table>
      </section>
    </main>
    <footer class="quiet">
      <p>Times are Indian Standard Time. Prices and money are in rupees. A dash means that the engine has no figure.</p>
      <p><b>Denied</b>: stopped by this engine. <b>Rejected</b>: refused by the broker.
      <b>Unknown</b>: nothing has proven what became of it; it counts as live until the broker answers.</p>
    </footer>
    </body>
    </html>

    """#
}

extension DashboardPage {
  /// Reads the lists, follows `/events`, and keeps saying whether what is on the screen can be believed.
  ///
  /// Values reach the page as text only. Every wait and every list has a limit, stated at the top.
  static let scriptSource = scriptLists + scriptCare + scriptState

  private static let scriptLists = #"""
    "use strict";
    (() => {
      const rowLimit = 200;             // rows a table, and items kept of a list
      const legLimit = 60;              // legs written out of one alert
      const patienceMilliseconds = 8000;   // for any one answer
      const heartbeatMilliseconds = 5000;  // between looks at /ready
      const refreshMilliseconds = 1000;    // least time between refreshes that order events cause
      const retryMilliseconds = 3000;      // before a refused event stream is opened again
      const dash = "–";

      // ---- Words, numbers, times

      const outcomes = {
        created: ["wait", "created"], submitted: ["wait", "submitted"], pending: ["wait", "pending"],
        accepted: ["open", "accepted"], partially_filled: ["open", "partially filled"], filled: ["good", "filled"],
        rejected: ["bad", "rejected by broker"], denied: ["bad", "denied by engine"],
        unknown: ["warn", "unknown"], cancelled: ["wait", "cancelled"], expired: ["wait", "expired"],
      };
      const liveStates = new Set(["created", "submitted", "accepted", "partially_filled", "unknown"]);
      const soundChecks = new Set(["running", "writable", "loaded", "ok", "ready"]);

      const has = (value) => value !== null && value !== undefined;
      const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);
      const words = (value) => String(value).replaceAll("_", " ");
      const sentence = (text) => String(text).replace(/^[a-z](?=[a-z ])/, (letter) => letter.toUpperCase())
        .replace(/[^.!?]$/, "$&.");
      const sentences = (refusal) => [refusal?.cause, refusal?.fix].filter(has).map(sentence).join(" ");
      const counted = (count, one, many) => whole(count) + " " + (count === 1 ? one : many);

      const wholeFormat = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });
      const priceFormat = new Intl.NumberFormat("en-IN", { minimumFractionDigits: 2, maximumFractionDigits: 4 });
      const signedFormat = new Intl.NumberFormat("en-IN", {
        minimumFractionDigits: 2, maximumFractionDigits: 4, signDisplay: "exceptZero",
      });
      const written = (format) => (value) => {
        if (!has(value)) return dash;
        const number = Number(value);
        return Number.isFinite(number) ? format.format(number) : String(value);
      };
      const whole = written(wholeFormat);
      const price = written(priceFormat);
      const signed = written(signedFormat);

      const zone = { timeZone: "Asia/Kolkata" };
      const dayFormat = new Intl.DateTimeFormat("en-IN", { ...zone, day: "numeric", month: "short", year: "numeric" });
      const clock = { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
      const timeFormat = new Intl.DateTimeFormat("en-IN", clock);
      const fineFormat = new Intl.DateTimeFormat("en-IN", { ...clock, fractionalSecondDigits: 3 });
      const today = () => dayFormat.format(Date.now());
      const timeOf = (moment) => timeFormat.format(moment);

      function element(tag, name, text) {
        const made = document.createElement(tag);
        if (name) made.className = name;
        if (has(text)) made.textContent = text;
        return made;
      }

      function momentElement(text) {
        const moment = new Date(text);
        if (Number.isNaN(moment.getTime())) return element("span", "", has(text) ? text : dash);
        const day = dayFormat.format(moment);
        const made = element("time", "", (day === today() ? "" : day + ", ") + fineFormat.format(moment));
        made.dateTime = text;
        return made;
      }

      // ---- Rows

      function cell(label, name, ...parts) {
        const made = element("td", name);
        made.setAttribute("role", "cell");
        made.dataset.label = label;
        made.append(...parts);
        return made;
      }

      function row(name, ...cells) {
        const made = element("tr", name);
        made.setAttribute("role", "row");
        made.append(...cells);
        return made;
      }

      function group(name, ...rows) {
        const made = element("tbody", name);
        made.setAttribute("role", "rowgroup");
        made.append(...rows);
        return made;
      }

      function wide(columns, name, ...parts) {
        const made = cell("", name, ...parts);
        made.colSpan = columns;
        return made;
      }

      const numberCell = (label, text) => cell(label, "number", element("span", "", text));
      const under = (text) => element("span", "under", text);
      const stack = (...parts) => {
        const made = element("span", "stack");
        made.append(...parts);
        return made;
      };

      function symbolCell(item) {
        const detail = [item.exchange, item.product].filter(has).map(words).join(" · ");
        return cell("Symbol", "symbol", stack(element("b", "", item.symbol ?? dash), under(detail)));
      }

      function sideCell(side) {
        const known = side === "buy" || side === "sell";
        return cell("Side", "", element("span", known ? "side " + side : "side", has(side) ? words(side) : dash));
      }

      function orderWords(item) {
        const parts = [has(item.order_type) ? words(item.order_type) : dash];
        if (has(item.price)) parts[0] += " " + price(item.price);
        if (has(item.trigger_price)) parts.push("trigger " + price(item.trigger_price));
        if (has(item.distance)) parts.push("distance " + price(item.distance));
        return parts.map((part, at) => element("span", "", part + (at < parts.length - 1 ? ", " : "")));
      }

      function outcomeCell(label, outcome) {
        const [tone, text] = own(outcomes, outcome) ?? ["warn", has(outcome) ? words(outcome) : dash];
        return cell(label, "", element("span", "badge " + tone, text));
      }

      function fillText(quantity, average) {
        if (!has(quantity)) return dash;
        return has(average) && Number(quantity) !== 0 ? whole(quantity) + " @ " + price(average) : whole(quantity);
      }

      function idCell(item) {
        return cell("Order id", "id", element("span", "", has(item.order_id) ? item.order_id : dash));
      }

      /// Why it was refused and what to do, in words; one row beneath, or none.
      function reasonRows(item, state, columns) {
        const unproven = state === "unknown";
        if (![item.cause, item.fix, item.code].some(has) && !unproven) return [];
        const note = wide(columns, unproven ? "reason warn" : "reason bad");
        const line = (label, text) => {
          const made = element("p");
          made.append(element("b", "", label + " "), text);
          note.append(made);
        };
        if (has(item.cause)) line("Cause", sentence(item.cause));
        else if (unproven) line("Cause", "The request may have left, and no answer has proven what became of it.");
        else line("Cause", "The engine gave the code " + item.code + " and no words.");
        if (has(item.fix)) line("Fix", sentence(item.fix));
        else if (unproven) line("Fix", "Do not send it again. Look it up in the broker's order book.");
        if (has(item.code)) note.append(element("p", "code", item.code));
        return [row("note", note)];
      }

      function legRows(leg) {
        const name = [has(leg.leg) ? leg.leg : dash, has(leg.role) ? words(leg.role) : ""].join(" ").trim();
        return [
          row("leg",
            cell("Leg", "", stack(element("span", "name", name), under(leg.account ?? dash))),
            symbolCell(leg), sideCell(leg.side), numberCell("Quantity", whole(leg.quantity)),
            cell("Order", "order", ...orderWords(leg)), outcomeCell("Outcome", leg.outcome),
            numberCell("Filled @ average", fillText(leg.filled_quantity, leg.average_price)), idCell(leg)),
          ...reasonRows(leg, leg.outcome, 8),
        ];
      }

      function alertGroup(alert) {
        const legs = Array.isArray(alert.legs) ? alert.legs : [];
        const head = element("th", "summary");
        head.setAttribute("role", "rowheader");
        head.scope = "rowgroup";
        head.colSpan = 8;
        head.append(momentElement(alert.received_at), element("span", "quiet", "IST"));
        head.append(element("span", has(alert.strategy) ? "strategy" : "quiet", alert.strategy ?? "no strategy named"));
        const facts = [alert.format, alert.execution].filter(has).map(words);
        facts.push(counted(legs.length, "leg", "legs"));
        if (has(alert.status) && alert.status !== "accepted") facts.push(words(alert.status));
        head.append(element("span", "quiet", facts.join(" · ")));
        head.append(element("span", "id quiet", has(alert.alert_id) ? alert.alert_id : dash));
        const rows = [row("summary", head)];
        if (Array.isArray(alert.ignored_fields) && alert.ignored_fields.length > 0) {
          const ignored = "Fields of the alert that had no effect: " + alert.ignored_fields.join(", ");
          rows.push(row("note ignored", wide(8, "reason quiet", ignored)));
        }
        rows.push(...legs.slice(0, legLimit).flatMap(legRows));
        if (legs.length > legLimit) {
          const rest = counted(legs.length - legLimit, "more leg", "more legs");
          rows.push(row("note", wide(8, "reason", rest + " at /api/v1/alerts/" + alert.alert_id)));
        }
        return group("alert", ...rows);
      }

      function orderGroup(order) {
        return group("",
          row("",
            cell("Changed", "", stack(momentElement(order.changed_at), under(order.account ?? dash))),
            symbolCell(order), sideCell(order.side), numberCell("Quantity", whole(order.quantity)),
            cell("Order", "order", ...orderWords(order)), outcomeCell("State", order.state),
            numberCell("Filled @ average", fillText(order.filled_quantity, order.average_price)), idCell(order)),
          ...reasonRows(order, order.state, 8));
      }

      function positionGroup(position) {
        const net = Number(position.net_quantity);
        const way = !has(position.net_quantity) ? "" : net > 0 ? "long" : net < 0 ? "short" : "flat";
        const tone = net > 0 ? "buy" : net < 0 ? "sell" : "quiet";
        const profit = Number(position.realised_profit ?? 0);
        const units = element("b", "", whole(position.net_quantity));
        return group("", row("",
          symbolCell(position), cell("Account", "", element("span", "", position.account ?? dash)),
          cell("Net", "number", stack(units, element("span", "under side " + tone, way))),
          numberCell("Bought @ average", fillText(position.bought_quantity, position.average_buy)),
          numberCell("Sold @ average", fillText(position.sold_quantity, position.average_sell)),
          numberCell("Last price", price(position.last_price)),
          cell("Realised ₹", "number", element("b", toneOf(profit), signed(position.realised_profit)))));
      }

      const toneOf = (profit) => (profit > 0 ? "gain" : profit < 0 ? "loss" : "");

      function accountGroup(account) {
        const orders = account.may_trade === true ? ["good", "may trade"] : ["bad", "may not trade"];
        const symbols = account.symbols_loaded === true ? ["good", "loaded"] : ["warn", "not loaded"];
        const name = element("b", "", account.account ?? dash);
        const badge = ([tone, text]) => element("span", "badge " + tone, text);
        return group("", row("",
          cell("Account", "", stack(name, under("broker " + (account.broker ?? dash)))),
          cell("Orders", "", badge(orders)), cell("Symbols", "", badge(symbols)),
          numberCell("Live orders", whole(account.live_orders))));
      }

      // ---- Lists: what was read, and how it is drawn

      const newest = (field) => (one, other) =>
        String(other[field] ?? "").localeCompare(String(one[field] ?? ""), "en") ||
        String(other.alert_id ?? "").localeCompare(String(one.alert_id ?? ""), "en");
      const named = (one, other) => place(one).localeCompare(place(other), "en");
      const place = (item) => [item.account, item.symbol, item.exchange, item.product].filter(has).join("\u0000");

      function feed(name, path, key, order, build, count, empty) {
        const section = document.getElementById(name);
        const part = (selector) => section.querySelector(selector);
        return {
          name, path, key, order, build, count, empty,
          table: part("table"), counted: part(".count"), problemLine: part(".problem"), emptyLine: part(".empty"),
          items: new Map(), drawn: new Map(), late: [],
          readAt: null, more: false, problem: null, loading: false, again: false, dirty: false,
        };
      }

      const feeds = {
        accounts: feed("accounts", "/api/v1/accounts", place, named, accountGroup,
          (items) => (items.length > 1 ? counted(items.length, "account", "accounts") : ""),
          "No account is configured. The paper account needs none: start with BROKER=paper."),
        positions: feed("positions", "/api/v1/positions", place, named, positionGroup, positionCount,
          "No positions. They appear with the first fill."),
        alerts: feed("alerts", "/api/v1/alerts?limit=50", (alert) => String(alert.alert_id), newest("received_at"),
          alertGroup, (items) => (items.length > 1 ? "newest first" : ""),
          "No alert yet. Paste the curl command that make run printed into a terminal: its alert appears here."),
        orders: feed("orders", "/api/v1/orders?limit=100",
          (order) => String(order.correlation_id ?? order.account + "\u0000" + order.order_id),
          newest("changed_at"), orderGroup, orderCount, "No orders yet. An accepted alert makes them."),
        tokens: feed("tokens", "/api/v1/tokens", place, named, tokenGroup, tokenCount, "No account needs a token."),
        channels: feed("channels", "/api/v1/notifications", (item) => String(item.channel), () => 0, channelGroup,
          () => "", "Nobody is told when an order fails. docs/notifications.md says how to set Telegram up."),
      };

      function positionCount(items) {
        // Summed in ten-thousandths: whole numbers add up exactly, fractions in binary do not.
        const parts = items.map((item) => Math.round(Number(item.realised_profit) * 10000));
        if (items.length === 0 || feeds.positions.more || !parts.every(Number.isSafeInteger)) return "";
        return "realised " + signed(parts.reduce((sum, part) => sum + part, 0) / 10000) + " ₹ in all";
      }

      function orderCount(items) {
        const live = items.filter((item) => liveStates.has(item.state)).length;
        const unknown = items.filter((item) => item.state === "unknown").length;
        const doubt = unknown > 0 ? ", " + whole(unknown) + " of them unknown" : "";
        if (items.length === 0) return "";
        return (live === 0 ? "none live" : whole(live) + " live" + doubt) + " among those shown";
      }

      function keep(feed, item) {
        feed.items.set(feed.key(item), item);
        if (feed.loading) feed.late.push(item);
        if (feed.late.length > rowLimit) feed.late.shift();
        draw(feed);
      }

      let drawScheduled = false;

      /// Many events between two frames cost one drawing; a hidden tab draws nothing until it is looked at.
      function draw(feed) {
        feed.dirty = true;
        if (!drawScheduled) requestAnimationFrame(drawDirty);
        drawScheduled = true;
      }

      function drawDirty() {
        drawScheduled = false;
        for (const feed of Object.values(feeds)) {
          if (!feed.dirty) continue;
          feed.dirty = false;
          drawFeed(feed);
        }
        drawMoney();
      }

      /// Touches only the rows that changed, so that a selection or a screen reader's place survives an update.
      function drawFeed(feed) {
        const items = [...feed.items.values()].sort(feed.order).slice(0, rowLimit);
        feed.items = new Map(items.map((item) => [feed.key(item), item]));
        const day = today();
        const drawn = new Map();
        let rows = 0;
        for (const item of items) {
          const key = feed.key(item);
          const mark = day + JSON.stringify(item);
          const before = feed.drawn.get(key);
          const body = before?.mark === mark ? before.body : feed.build(item);
          if (rows + body.rows.length > rowLimit && rows > 0) break;
          rows += body.rows.length;
          if (before && before.body !== body) before.body.replaceWith(body);
          if (feed.drawnOnce && before?.body !== body) body.classList.add("fresh");
          drawn.set(key, { mark, body });
        }
        for (const [key, before] of feed.drawn) if (!drawn.has(key)) before.body.remove();
        let last = feed.table.tHead;
        for (const { body } of drawn.values()) {
          if (last.nextElementSibling !== body) last.after(body);
          last = body;
        }
        feed.drawn = drawn;
        feed.drawnOnce = feed.readAt !== null;

        const known = feed.readAt !== null || items.length > 0;
        feed.table.hidden = items.length === 0;
        feed.emptyLine.hidden = items.length > 0 || (feed.problem !== null && !known);
        feed.emptyLine.textContent = known ? feed.empty : "Not read yet.";
        const cut = feed.more || drawn.size < feed.items.size;
        const shown = cut ? counted(drawn.size, "shown", "shown") + ", more at " + feed.path.split("?")[0] : "";
        const summary = known ? feed.count(items) : "";
        feed.counted.textContent = [summary, shown].filter(Boolean).join(" · ");
        feed.problemLine.hidden = feed.problem === null;
        feed.problemLine.textContent = feed.problem === null ? "" :
          feed.problem + (feed.readAt === null ? " Nothing could be read yet."
            : " What you see was read at " + timeOf(feed.readAt) + " IST.");
      }

      function drawMoney() {
        const accounts = [...feeds.accounts.items.values()];
        const badge = document.getElementById("money");
        const paper = accounts.filter((account) => account.broker === "paper").length;
        badge.hidden = accounts.length === 0;
        badge.className = "badge " + (paper === accounts.length ? "open" : "warn");
        badge.textContent = paper === accounts.length ? "paper trading, no real money"
          : paper > 0 ? "paper and broker accounts" : "broker accounts";
      }

      // ---- Asking the engine

      const engine = { answers: null, ready: null, checks: {}, trouble: "", signIn: null, heardAt: null };

      class Refused extends Error {}

      /// The answer's JSON. Throws words that can be shown as they are.
      async function ask(path, patience = patienceMilliseconds, options = {}) {
        let response, text;
        try {
          response = await fetch(path, {
            credentials: "same-origin", cache: "no-store", redirect: "error",
            ...options, headers: { Accept: "application/json", ...options.headers },
            signal: AbortSignal.timeout(patience),
          });
          text = await response.text();
        } catch (error) {
          const late = error instanceof DOMException && error.name === "TimeoutError";
          throw new Error(late ? "The engine took too long to answer." : "The engine cannot be reached.");
        }
        engine.heardAt = Date.now();
        const body = parsed(text);
        if (response.ok && body !== null) {
          if (path.startsWith("/api/")) engine.signIn = null;
          return body;
        }
        if (path === "/ready" && typeof body?.ready === "boolean") return body;
        const said = sentences(body?.error) || sentences(body?.items?.find((item) => has(item.error))?.error);
        if (response.status === 401 || response.status === 403) {
          engine.signIn = said || "Open the address that the engine printed when it started.";
          throw new Refused("Not read, because this browser is not signed in.");
        }
        throw new Refused(said || "The engine answered " + path + " with status " + response.status + ".");
      }

      function parsed(text) {
        try {
          const value = JSON.parse(text);
          return typeof value === "object" ? value : null;
        } catch (error) {
          if (error instanceof SyntaxError) return null;
          throw error;
        }
      }

      async function load(feed) {
        if (feed.loading) {
          feed.again = true;
          return;
        }
        feed.loading = true;
        do {
          feed.again = false;
          feed.late = [];
          try {
            const answer = await ask(feed.path);
            if (!Array.isArray(answer.items)) throw new Refused("The engine's list had no items.");
            // What arrived by event while the list was on its way may be newer than the list.
            const items = [...answer.items.filter(has), ...feed.late];
            feed.items = new Map(items.map((item) => [feed.key(item), item]));
            feed.more = has(answer.next);
            feed.problem = null;
            feed.readAt = Date.now();
          } catch (error) {
            feed.problem = error.message;
          }
          draw(feed);
          drawState();
        } while (feed.again);
        feed.loading = false;
      }

      const loadAll = () => Object.values(feeds).forEach(load);

      // ---- Events

      let stream = null;
      let streamOpen = false;
      let retryTimer = null;

      function listen() {
        clearTimeout(retryTimer);
        retryTimer = null;
        if (stream) stream.close();
        const opened = new EventSource("/events");
        stream = opened;
        streamOpen = false;
        opened.addEventListener("open", () => {
          streamOpen = true;
          // Read only now: what happened before the stream was open comes in no event.
          loadAll();
          drawState();
        });
        opened.addEventListener("error", () => {
          streamOpen = false;
          // The browser tries again by itself, except after an answer that was no event stream.
          if (opened === stream && opened.readyState === EventSource.CLOSED && retryTimer === null) {
            retryTimer = setTimeout(listen, retryMilliseconds);
          }
          drawState();
        });
        opened.addEventListener("alert", (event) => receive(event, "alert_id", (alert) => keep(feeds.alerts, alert)));
        opened.addEventListener("order", (event) => receive(event, "symbol", takeOrder));
      }

      function receive(event, field, take) {
        engine.heardAt = Date.now();
        const item = parsed(event.data);
        if (item !== null && has(item[field])) take(item);
        else refreshSoon();
      }

      function takeOrder(order) {
        keep(feeds.orders, order);
        moveLeg(order);
        refreshSoon();
      }

      let alertsMoved = false;

      /// Carries an order's news to its leg. A leg that was sliced has several orders: it is read anew instead.
      function moveLeg(order) {
        for (const alert of feeds.alerts.items.values()) {
          const legs = Array.isArray(alert.legs) ? alert.legs : [];
          const at = legs.findIndex((leg) => has(leg.correlation_id) && leg.correlation_id === order.correlation_id);
          if (at < 0) continue;
          if (legs[at].quantity !== order.quantity || feeds.alerts.loading) break;
          const { order_id, filled_quantity, average_price, code, cause, fix } = order;
          const waits = order.state === "created" || order.state === "submitted";
          const outcome = waits ? "pending" : order.state;
          const moved = { ...legs[at], outcome, order_id, filled_quantity, average_price, code, cause, fix };
          keep(feeds.alerts, { ...alert, legs: legs.with(at, moved) });
          return;
        }
        alertsMoved = true;
      }

      let refreshTimer = null;

      function refreshSoon() {
        if (refreshTimer !== null) return;
        refreshTimer = setTimeout(() => {
          refreshTimer = null;
          load(feeds.positions);
          load(feeds.accounts);
          if (alertsMoved) load(feeds.alerts);
          alertsMoved = false;
        }, refreshMilliseconds);
      }

    """#
}

extension DashboardPage {
  /// What a person looks after besides orders: tokens, what must be right before the market opens, and whether messages
  /// arrive.
  static let scriptCare = #"""
      // ---- Tokens

      const careMilliseconds = 30000;      // between readings of tokens and channels
      const lookMilliseconds = 60000;      // for the morning's look: it asks every broker
      const warnHours = 2;                 // a token that ends sooner asks for a person

      function tokenGroup(token) {
        const paper = token.broker === "paper";
        const hours = token.hours_remaining;
        const short = token.valid === true && has(hours) && hours < warnHours;
        const state = paper ? ["open", "not needed"] : token.valid !== true ? ["bad", token.is_refreshing ? "logging in"
          : "none"] : short ? ["warn", "ends soon"] : ["good", "valid"];
        const todo = cell("To do", "todo");
        const said = sentences(token.last_error);
        if (said) todo.append(element("p", "", said));
        if (!paper && (token.valid !== true || short || token.needs_person)) {
          const link = element("a", "", "Log in at the broker");
          link.href = "/auth-url?go=1&account=" + encodeURIComponent(token.account);
          link.target = "_blank";
          link.rel = "noopener noreferrer";
          todo.append(link);
        }
        if (!todo.hasChildNodes()) todo.append(element("span", "quiet", "Nothing."));
        return group("", row("",
          cell("Account", "", stack(element("b", "", token.account ?? dash), under("broker " + (token.broker ?? dash)))),
          cell("Token", "", element("span", "badge " + state[0], state[1])),
          cell("Valid until", "", has(token.expiry) ? momentElement(token.expiry) : element("span", "", dash)),
          numberCell("Hours left", has(hours) ? whole(hours) : dash), todo));
      }

      function tokenCount(items) {
        const bad = items.filter((token) => token.valid !== true).length;
        return bad === 0 ? "" : counted(bad, "account", "accounts") + " without a token";
      }

      // ---- Channels

      const channelWords = {
        proven: ["good", "messages arrive"], failing: ["bad", "the last one failed"], untried: ["warn", "not tried yet"],
      };

      function channelGroup(channel) {
        const [tone, text] = own(channelWords, channel.state) ?? ["warn", words(channel.state ?? dash)];
        const said = sentences(channel.last_error);
        const rows = [row("",
          cell("Channel", "", element("b", "", channel.channel ?? dash)),
          cell("State", "", element("span", "badge " + tone, text)),
          cell("Last delivered", "", has(channel.last_delivered_at) ? momentElement(channel.last_delivered_at)
            : element("span", "", dash)),
          numberCell("Waiting", whole(channel.waiting)), numberCell("Given up", whole(channel.given_up)))];
        if (said) rows.push(row("note", wide(5, "reason bad", said)));
        return group("", ...rows);
      }

      const testButton = document.getElementById("channels-test");

      async function testChannels() {
        const channels = feeds.channels;
        testButton.disabled = true;
        try {
          const token = await sessionToken();
          await ask("/api/v1/notifications/test", lookMilliseconds, {
            method: "POST", headers: { "X-CSRF-Token": token },
          });
        } catch (error) {
          channels.problem = error.message;
          draw(channels);
        }
        testButton.disabled = false;
        const said = channels.problem;
        await load(channels);
        channels.problem = said;
        draw(channels);
      }

      testButton.addEventListener("click", () => {
        feeds.channels.problem = null;
        testChannels();
      });

      // ---- The morning's look

      const verdicts = { failed: ["bad", 0], warning: ["warn", 1], unknown: ["wait", 2], ok: ["good", 3] };
      const verdictOf = (check) => own(verdicts, check.result) ?? ["warn", 0];
      const checkKey = (check) => (check.account ?? "") + "\u0000" + check.name;
      const gravest = (one, other) => verdictOf(one)[1] - verdictOf(other)[1] || checkKey(one).localeCompare(checkKey(other), "en");

      function checkGroup(check) {
        return group("", row("",
          cell("Check", "", stack(element("b", "", words(check.name)), under(check.account ?? "engine"))),
          cell("Result", "", element("span", "badge " + verdictOf(check)[0], words(check.result))),
          cell("Found", "", element("span", "", sentence(check.cause ?? dash))),
          cell("To do", "", element("span", check.fix ? "" : "quiet", check.fix ? sentence(check.fix) : "Nothing."))));
      }

      const diagnosis = feed("diagnosis", "/api/v1/diagnosis", checkKey, gravest, checkGroup, (items) => {
        const failed = items.filter((check) => check.result === "failed").length;
        const when = diagnosis.at === null ? "" : "looked at " + timeOf(new Date(diagnosis.at)) + " IST";
        return [failed > 0 ? "not ready" : items.length > 0 ? "ready" : "", when].filter(Boolean).join(" · ");
      }, "Not looked yet. It happens each morning by itself, and whenever you ask.");
      diagnosis.at = null;
      const lookButton = document.getElementById("diagnosis-look");

      async function look(path) {
        if (diagnosis.loading) return;
        diagnosis.loading = true;
        lookButton.disabled = true;
        try {
          const answer = await ask(path, lookMilliseconds);
          if (!Array.isArray(answer.checks)) throw new Refused("The engine's findings had no checks.");
          diagnosis.items = new Map(answer.checks.map((check) => [checkKey(check), check]));
          diagnosis.at = answer.at ?? null;
          diagnosis.problem = null;
          diagnosis.readAt = Date.now();
        } catch (error) {
          diagnosis.problem = error.message;
        }
        diagnosis.loading = false;
        lookButton.disabled = false;
        drawFeed(diagnosis);
        drawState();
      }

      lookButton.addEventListener("click", () => look("/api/v1/diagnosis"));

      function loadCare() {
        if (document.hidden) return;
        load(feeds.tokens);
        load(feeds.channels);
      }

    """#
}

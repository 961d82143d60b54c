extension DashboardPage {
  /// Keeps saying whether what is on the screen can be believed, and who is looking at it.
  static let scriptState = #"""
      // ---- The state in words

      let beating = false;

      async function heartbeat() {
        if (beating) return;
        beating = true;
        const answered = engine.answers;
        try {
          const answer = await ask("/ready");
          engine.answers = true;
          engine.ready = answer.ready === true;
          engine.checks = answer.checks ?? {};
          engine.trouble = sentences(answer.error);
        } catch (error) {
          engine.answers = error instanceof Refused;
          engine.ready = false;
          engine.checks = {};
          engine.trouble = "";
        }
        beating = false;
        // A stream through a broken network can look open for ever: after a silence it is opened anew.
        if (engine.answers && answered === false) listen();
        else if (engine.answers) {
          for (const feed of Object.values(feeds)) if (feed === feeds.accounts || feed.problem !== null) load(feed);
        }
        drawState();
      }

      function notReadyWords() {
        const failing = Object.entries(engine.checks).filter(([, value]) => !soundChecks.has(String(value)));
        const said = failing.map(([name, value]) => words(name) + ": " + words(value)).join(", ");
        const parts = [said && sentence(said), engine.trouble, "New alerts are not taken until it is ready."];
        return parts.filter(Boolean).join(" ");
      }

      function stateWords() {
        const since = feeds.orders.readAt === null ? "" : " What you see may be out of date.";
        if (engine.signIn !== null) return ["bad", "Not signed in", engine.signIn];
        if (engine.answers === null) return ["wait", "Connecting", "Asking the engine how it is."];
        if (!engine.answers) return ["bad", "Reconnecting", "The engine does not answer." + since];
        if (!engine.ready) return ["warn", "Engine not ready", notReadyWords() + (streamOpen ? "" : since)];
        if (!streamOpen) return ["warn", "Reconnecting", "The engine is ready, but its events do not arrive." + since];
        if (Object.values(feeds).some((feed) => feed.problem !== null)) {
          return ["warn", "Live, in part", "Events arrive, but not every list could be read: see below."];
        }
        return ["good", "Live", "The engine is ready and changes show up as they happen."];
      }

      function say(id, text) {
        const target = document.getElementById(id);
        if (target.textContent !== text) target.textContent = text;
      }

      function drawState() {
        const [tone, word, detail] = stateWords();
        document.getElementById("state").className = "state " + tone;
        say("state-word", word);
        say("state-detail", detail);
        say("heard", engine.heardAt === null ? "" : "Last word from the engine " + timeOf(engine.heardAt) + " IST");
        const title = (tone === "good" ? "" : word + ": ") + "Order engine";
        if (document.title !== title) document.title = title;
        document.getElementById("sign-in").hidden = engine.signIn === null;
        document.body.classList.toggle("stale", engine.answers === false || engine.signIn !== null);
      }

      // ---- Who is looking

      const signOut = document.getElementById("sign-out");

      /// What a browser sends by itself changes nothing: the page's own token must come with it.
      async function sessionToken() {
        const session = await ask("/api/v1/session");
        signOut.hidden = session.session !== true;
        return session.csrf_token;
      }

      async function leave() {
        try {
          const token = await sessionToken();
          await fetch("/logout", {
            method: "POST", credentials: "same-origin", redirect: "error",
            headers: { "X-CSRF-Token": token }, signal: AbortSignal.timeout(patienceMilliseconds),
          });
          location.assign("/login");
        } catch (error) {
          engine.trouble = error.message;
          drawState();
        }
      }

      signOut.addEventListener("click", leave);
      sessionToken().catch((error) => {
        engine.trouble = error.message;
        drawState();
      });

      document.addEventListener("visibilitychange", () => {
        if (!document.hidden) heartbeat();
      });
      setInterval(heartbeat, heartbeatMilliseconds);
      setInterval(loadCare, careMilliseconds);
      heartbeat();
      loadAll();
      look("/api/v1/diagnosis?last=1");
      listen();
    })();

    """#
}

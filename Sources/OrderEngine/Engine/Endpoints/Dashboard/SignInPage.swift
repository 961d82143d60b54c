import OrderDomain

/// Where a person signs in: one field and one button, no script, and nothing that another could have written.
enum SignInPage {
  /// - Parameter turned: why it is shown again.
  static func html(saying turned: Doorkeeper.Turned?) -> [UInt8] {
    var words = ""
    if let turned {
      let wait = turned.retryAfterSeconds.map { " Try again in \($0) seconds." } ?? ""
      words = "<p class=\"problem\" role=\"alert\">Not signed in: \(turned.refusal.cause).\(wait)</p>\n"
    }
    return Array(
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <title>Sign in: Order engine</title>
      <link rel="stylesheet" href="/dashboard.css">
      </head>
      <body>
      <header><div class="title"><h1>Order engine</h1></div></header>
      <main>
      <section aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">Sign in</h2>
      \(words)<form method="post" action="/login">
      <p><label for="password">Password, or the operator's token</label></p>
      <p><input id="password" name="password" type="password" autocomplete="current-password" required autofocus></p>
      <p><button type="submit">Sign in</button></p>
      </form>
      <p class="quiet">The token is in the data directory's <code>operator-token</code>. A password is set by
      <code>order-engine password set</code>.</p>
      </section>
      </main>
      </body>
      </html>

      """.utf8)
  }
}

import OrderDomain

/// Tokens as the brokers make them, with a signature that nobody checks.
enum TokenSample {
  static func token(_ claims: String) -> Secret {
    Secret(
      [#"{"typ":"JWT","alg":"HS512"}"#, claims, "signature"].map { base64URL(Array($0.utf8)) }.joined(separator: "."))
  }

  static func dhan(
    issued: Int64, expires: Int64, consumer: String = "APP", client: String = "1000000001"
  ) -> Secret {
    token(
      #"{"iss":"dhan","exp":\#(expires),"iat":\#(issued),"tokenConsumerType":"\#(consumer)","dhanClientId":"\#(client)"}"#
    )
  }

  static func text(_ secret: Secret?) -> String {
    secret?.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) } ?? ""
  }

  static func base64URL(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var text = ""
    var buffer = 0
    var bitCount = 0
    for byte in bytes {
      buffer = buffer << 8 | Int(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(alphabet[buffer >> bitCount & 63])
      }
      buffer &= 0xFF
    }
    if bitCount > 0 { text.append(alphabet[buffer << (6 - bitCount) & 63]) }
    return text
  }
}

extension TokenLogin {
  /// Why there is no new token; `nil` when there is one.
  func renewalFailure(_ known: StoredTokens?) async -> TokenError? {
    do throws(TokenError) {
      _ = try await renew(known)
      return nil
    } catch {
      return error
    }
  }

  /// Why a login came to nothing; `nil` when it did not.
  func loginFailure(_ grant: LoginGrant) async -> TokenError? {
    do throws(TokenError) {
      _ = try await finishLogin(grant)
      return nil
    } catch {
      return error
    }
  }

  /// Why there is no page to log in at; `nil` when there is one.
  func pageFailure() async -> TokenError? {
    do throws(TokenError) {
      _ = try await beginLogin(state: "state")
      return nil
    } catch {
      return error
    }
  }
}

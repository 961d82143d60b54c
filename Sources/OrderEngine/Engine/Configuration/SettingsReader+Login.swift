import Brokers
import OrderDomain

extension SettingsReader {
  mutating func dhanLogin(clientID: String, at address: BrokerAddress) -> DhanLoginSettings {
    var login = DhanLoginSettings(clientID: clientID, address: address.text)
    login.pin = secret("DHAN_PIN")
    if let text = secret("DHAN_TOTP_SECRET") {
      login.oneTimePassword = OneTimePassword(base32: text)
      if login.oneTimePassword == nil {
        refuse(
          "DHAN_TOTP_SECRET", "(not shown)", "is no secret of an authenticator",
          "copy the letters and digits that Dhan shows when TOTP is set up")
      }
    }
    login.apiKey = secret("DHAN_API_KEY")
    login.apiSecret = secret("DHAN_API_SECRET")
    return login
  }

  mutating func fyersLogin(appID: String, at address: BrokerAddress) -> FyersLoginSettings {
    var login = FyersLoginSettings(appID: appID, address: address.text)
    login.secretID = secret("FYERS_SECRET_ID")
    login.redirectAddress = text("FYERS_REDIRECT_URI")
    login.pin = secret("FYERS_PIN")
    login.code = secret("FYERS_AUTH_CODE")
    return login
  }

  /// Whether they are there, and can be written, is seen with the first token: a file that fails stops no start.
  mutating func tokenEnvFiles() -> [String] {
    let paths = list(SettingsReader.tokenEnvFilesName)
    func refuse(_ value: String, _ cause: String, _ fix: String) {
      self.refuse(SettingsReader.tokenEnvFilesName, value, cause, fix)
    }
    if let path = paths.first(where: { !EnvFile.isPath($0) }) {
      refuse(
        path, "is no .env file: its name must begin or end with .env",
        "write the paths of .env files with commas between, such as .env,../.env")
    } else if Set(paths).count < paths.count {
      refuse(paths.joined(separator: ","), "names one file twice", "write each path once")
    } else if paths.count > SettingsReader.tokenEnvFileLimit {
      refuse(
        "\(paths.count) files", "are more than \(SettingsReader.tokenEnvFileLimit)",
        "name those that programs read; a symbolic link leads several names to one file")
    }
    return paths
  }

  static let tokenEnvFilesName = "TOKEN_ENV_FILES"
  /// The old service had two.
  private static let tokenEnvFileLimit = 8

  /// `08:00`, from midnight in India.
  mutating func timeOfDay(_ name: String) -> Duration? {
    guard let value = text(name) else { return nil }
    let parts = value.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }), let hour = UInt8(parts[0]), hour < 24,
      let minute = UInt8(parts[1]), minute < 60
    {
      return .seconds(Int64(hour) * 3_600 + Int64(minute) * 60)
    }
    refuse(name, value, "is no time of day", "write hours and minutes in Indian time, such as 08:00")
    return nil
  }
}

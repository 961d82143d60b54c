/// Why no client could be made.
package enum HTTPClientError: Error, Hashable, Sendable {
  /// A value of the configuration is out of its range.
  case invalidConfiguration(String)
  /// The installed libcurl is older than what the client was written for.
  case libraryTooOld(String)
  /// The installed libcurl was built without something that is needed.
  case featureMissing(String)
  /// The file of extra certificate authorities cannot be read.
  case authoritiesUnreadable(String)
  /// The system has no certificate authorities where Debian keeps them.
  case noSystemAuthorities
  /// libcurl refused to start or to take an option.
  case libraryFailed(String)

  /// The stable code.
  package var code: String {
    switch self {
    case .invalidConfiguration: "client.invalidConfiguration"
    case .libraryTooOld: "client.libraryTooOld"
    case .featureMissing: "client.featureMissing"
    case .authoritiesUnreadable: "client.authoritiesUnreadable"
    case .noSystemAuthorities: "client.noSystemAuthorities"
    case .libraryFailed: "client.libraryFailed"
    }
  }

  package var cause: String {
    switch self {
    case .invalidConfiguration(let name): "\(name) of the HTTP client is out of its range"
    case .libraryTooOld(let version): "libcurl \(version) is installed; 7.87 or later is needed"
    case .featureMissing(let feature): "the installed libcurl was built without \(feature)"
    case .authoritiesUnreadable(let path): "the certificate authorities in \(path) cannot be read"
    case .noSystemAuthorities: "no certificate authorities are installed"
    case .libraryFailed(let text): "libcurl failed to start: \(text)"
    }
  }

  package var fix: String {
    switch self {
    case .invalidConfiguration: "set it within the range that its documentation gives"
    case .libraryTooOld, .featureMissing: "install Debian 12's or a later libcurl4 (the OpenSSL flavour)"
    case .authoritiesUnreadable: "name a readable PEM file"
    case .noSystemAuthorities: "install the package ca-certificates"
    case .libraryFailed: "check memory and the number of open files"
    }
  }
}

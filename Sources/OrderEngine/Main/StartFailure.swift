import OrderDomain
import OrderEngine

/// An error as it is shown at the end of the program: stable code, cause, fix.
struct StartFailure: Error, CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    if let refusal = error as? Refusal {
      description = "\(refusal.code): \(refusal.cause). \(refusal.fix)."
    } else {
      description = String(describing: error)
    }
  }
}

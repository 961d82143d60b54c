internal import OrderDomain

/// What Google's services answer when they refuse: `{"error": {"code", "message", "status"}}`.
enum GoogleError {
  /// The status, and the service's own word for it; its message is not told, since it may quote the request.
  static func words(_ answer: CloudAnswer) -> String {
    do throws(JSONError) {
      let fields = try JSONFields.texts(answer.body, under: "error")
      if let status = fields["status"], status.utf8.count <= 64,
        status.utf8.allSatisfy({ (65...90).contains($0) || $0 == UInt8(ascii: "_") })
      {
        return "\(answer.status) \(status)"
      }
    } catch {
      // Not every proxy on the way answers in JSON.
      return "status \(answer.status)"
    }
    return "status \(answer.status)"
  }
}

extension GoogleAccess {
  /// Of a call; `nil` for one that carries nothing.
  func fields(contentType: String? = nil) async throws(Refusal) -> [(name: String, value: Secret)] {
    let bearer = Secret(Array("Bearer ".utf8) + (try await token()).copiedBytes())
    return [("Authorization", bearer)] + (contentType.map { [("Content-Type", Secret($0))] } ?? [])
  }
}

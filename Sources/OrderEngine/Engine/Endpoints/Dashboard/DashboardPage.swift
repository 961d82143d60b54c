enum DashboardPage {
  static let html: [UInt8] = []
  static let script: [UInt8] = []
  static let style: [UInt8] = []
}

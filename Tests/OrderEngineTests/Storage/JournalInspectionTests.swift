import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

struct JournalInspectionTests {
  private func files(seed: UInt64) throws -> JournalFiles {
    let files = try JournalFiles(seed: seed)
    files.commit([3, 5, 20])
    files.nextSegment()
    files.commit([4, 10])
    try files.write()
    return files
  }

  private func lines(_ files: JournalFiles, _ filter: JournalInspection.Filter) throws -> [String] {
    var lines: [String] = []
    try JournalInspection(path: files.directory.path).lines(filter, asJSON: false) {
      lines.append(String(decoding: $0, as: UTF8.self))
    }
    return lines
  }

  private func sequence(_ line: String) -> UInt64? { line.split(separator: " ").first.flatMap { UInt64($0) } }

  @Test func `a verdict counts every record, segment and commit, and ends where the journal ends`() throws {
    let files = try files(seed: 31)
    let verdict = try JournalInspection(path: files.directory.path).verify()
    #expect(verdict.isGood)
    #expect(verdict.recordCount == files.recordCount)
    #expect(verdict.segmentCount == 2)
    #expect(verdict.commitCount == files.ends.count)
    #expect(verdict.end == files.position)
    #expect(verdict.byteCount == UInt64(files.files.values.reduce(0) { $0 + $1.count }))
  }

  @Test func `a snapshot that fits another journal is noticed`() throws {
    let files = try files(seed: 32)
    let other = try self.files(seed: 33)
    let care = JournalCare(directory: files.directory, retentionDays: 400)
    try care.snapshot(through: 1, at: Sample.opening)
    #expect(try JournalInspection(path: files.directory.path).verify().isGood)
    try JournalCare(directory: other.directory, retentionDays: 400).snapshot(through: 1, at: Sample.opening)
    let name = try #require(try other.directory.names().first { $0.hasSuffix(".oes") })
    let foreign = try Data(contentsOf: URL(fileURLWithPath: other.directory.file(name)))
    try foreign.write(to: URL(fileURLWithPath: files.directory.file(name)))
    let verdict = try JournalInspection(path: files.directory.path).verify()
    #expect(!verdict.isGood)
    #expect(verdict.damage == nil)
    #expect(verdict.words.contains("of another journal"))
  }

  @Test func `damage is told with what lies before it`() throws {
    let files = try files(seed: 34)
    var bytes = try #require(files.files[2])
    bytes[100] ^= 1
    try files.put(bytes, 2)
    let verdict = try JournalInspection(path: files.directory.path).verify()
    // The first commit of the last segment is proven durable by the second one's seal.
    #expect(verdict.damage?.segment == 2)
    #expect(!verdict.isGood)
    #expect(verdict.recordCount == 28)
    #expect(verdict.words.contains("segment 2 is damaged at offset"))
  }

  @Test func `records are shown from a sequence on, the last so many, or those of one alert`() throws {
    let files = try files(seed: 35)
    let all = try lines(files, JournalInspection.Filter())
    #expect(all.count == files.recordCount)
    #expect(try lines(files, JournalInspection.Filter(last: 7)) == Array(all.suffix(7)))
    #expect(try lines(files, JournalInspection.Filter(last: 1_000)) == all)
    let from = try #require(sequence(all[11]))
    #expect(try lines(files, JournalInspection.Filter(from: from)) == Array(all[11...]))
    let alert = try #require(files.fold.keptAlerts.first { !$0.reports.isEmpty && $0.intended.isEmpty })
    let own = try lines(files, JournalInspection.Filter(alert: alert.accepted.identity))
    #expect(own.count == 1 + alert.reports.count + alert.intended.count)
    #expect(own.first?.contains("alert \(alert.accepted.identity) accepted") == true)
  }
}

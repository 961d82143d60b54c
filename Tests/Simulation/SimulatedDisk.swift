import Actors
import OrderDomain
import OrderEngine

/// The journal's files: what the page cache holds of them, and what of that a power cut leaves.
final class SimulatedDisk: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  enum Crash: CaseIterable {
    /// The process dies; what was written stays in the page cache.
    case kill
    /// The machine loses power; of what was not flushed any part may be left, sector by sector.
    case powerCut
  }

  private struct File {
    var cache: [UInt8]
    var platter: [UInt8]
    /// Written and not flushed.
    var dirty: [Range<Int>] = []

    mutating func write(_ bytes: some Collection<UInt8>, at offset: Int) {
      guard !bytes.isEmpty else { return }
      let range = offset..<(offset + bytes.count)
      if range.upperBound > cache.count { cache += [UInt8](repeating: 0, count: range.upperBound - cache.count) }
      cache.replaceSubrange(range, with: bytes)
      dirty.append(range)
    }

    mutating func flush() {
      if cache.count > platter.count { platter += [UInt8](repeating: 0, count: cache.count - platter.count) }
      for range in dirty { platter.replaceSubrange(range, with: cache[range]) }
      dirty = []
    }

    /// Keeps of each sector that was not flushed the old or the new content.
    mutating func losePower(_ chance: inout Chance) {
      let share = chance.pick([0, 500, 1_000])
      for range in dirty {
        if range.upperBound > platter.count {
          platter += [UInt8](repeating: 0, count: range.upperBound - platter.count)
        }
        for sector in (range.lowerBound / 512)...((range.upperBound - 1) / 512) where chance.perMille(share) {
          let part = range.clamped(to: (sector * 512)..<(sector * 512 + 512))
          platter.replaceSubrange(part, with: cache[part])
        }
      }
      cache = platter
      dirty = []
    }
  }

  private var files: [UInt64: File] = [:]
  private var snapshots = SimulatedSnapshots()
  /// A mutation: snapshots leave out what the last segment held.
  var hasForgetfulSnapshots = false
  /// Of a write that is under way.
  private var writing: (bytes: [UInt8], place: LogPlace)?
  /// Behind the last byte whose durability was claimed towards the engine.
  private(set) var promised = LogPlace(segment: 1, offset: 0)
  private var written = LogPlace(segment: 1, offset: 0)
  /// Until when there is no room.
  private var fullUntil: Int64 = 0
  private let world: World
  private let faults: FaultPlan
  private let firstByteCount: UInt64
  private var chance: Chance

  init(world: World, faults: FaultPlan, firstByteCount: UInt64) {
    self.world = world
    self.faults = faults
    self.firstByteCount = firstByteCount
    chance = Chance(seed: world.seed, stream: 2)
  }

  func crash(_ crash: Crash) {
    if let (bytes, place) = writing.take() {
      files[place.segment]?.write(bytes.prefix(chance.below(bytes.count + 1)), at: Int(place.offset))
    }
    guard crash == .powerCut else { return }
    for number in files.keys.sorted() { files[number]?.losePower(&chance) }
    snapshots.losePower(&chance)
  }

  /// No room for so long.
  func fill(for nanoseconds: Int64) { fullUntil = world.now + nanoseconds }

  // MARK: Reading

  struct Recovered {
    var fold = JournalFold()
    var events: [JournalEvent] = []
    var position = JournalPosition.start
    var segmentByteCount: UInt64 = 0
    /// Whether a fold that began with a snapshot ends where one over all records does.
    var agrees = true

    fileprivate var snapshot: JournalSnapshot { JournalSnapshot(position: position, fold: fold) }
  }

  /// What a start finds, and what it does about a torn end.
  func recover() throws(JournalDamage) -> Recovered {
    var recovered = Recovered()
    var numbers = files.keys.sorted()
    while numbers.count > 1, let last = numbers.last, JournalReader.isBlank(files[last]?.cache ?? []) {
      numbers.removeLast()
    }
    if numbers.isEmpty {
      numbers = [1]
      let zeros = [UInt8](repeating: 0, count: Int(firstByteCount))
      files[1] = File(cache: zeros, platter: zeros)
    }
    recovered.segmentByteCount = UInt64(files[numbers[numbers.count - 1]]?.cache.count ?? 0)
    let tornByteCount = try read(numbers, from: nil) { event, entry in
      recovered.fold.fold(event, at: entry.time)
      recovered.events.append(event)
    } ended: {
      recovered.position = $0
    }
    if let snapshot = snapshots.newest {
      var fold = snapshot.fold
      var position = snapshot.position
      _ = try read(numbers, from: snapshot.position) {
        fold.fold($0, at: $1.time)
      } ended: {
        position = $0
      }
      let (short, long) = (JournalSnapshot(position: position, fold: fold), recovered.snapshot)
      recovered.agrees = short.encoded(digest: SHA256Chain()) == long.encoded(digest: SHA256Chain())
      recovered.fold = fold
    }
    let place = recovered.position.place
    if place.offset == 0 || tornByteCount > 0 {
      // What is torn is cut off, and the segment made whole with zeros again.
      let size = max(Int(recovered.segmentByteCount), Int(firstByteCount))
      files[place.segment]?.cache.replaceSubrange(Int(place.offset)..., with: [UInt8](repeating: 0, count: 0))
      files[place.segment]?.cache += [UInt8](repeating: 0, count: size - Int(place.offset))
      files[place.segment]?.dirty = [0..<size]
      files[place.segment]?.flush()
      recovered.segmentByteCount = UInt64(size)
    }
    return recovered
  }

  /// Gives each record from `start` on to `body`; returns how much is torn at the end.
  private func read(
    _ numbers: [UInt64], from start: JournalPosition?, through last: UInt64? = nil,
    _ body: (JournalEvent, JournalEntry) -> Void, ended: (JournalPosition) -> Void
  ) throws(JournalDamage) -> Int {
    var previous = start
    let first = start?.place.segment ?? 1
    let wanted = numbers.filter { $0 >= first && $0 <= last ?? .max }
    if wanted.isEmpty { throw JournalDamage(segment: first, offset: 0, sequence: 0, kind: .missing) }
    var tornByteCount = 0
    for (index, number) in wanted.enumerated() {
      guard number == first + UInt64(index), let bytes = files[number]?.cache else {
        throw JournalDamage(segment: number, offset: 0, sequence: 0, kind: .missing)
      }
      let ending = try JournalReader.read(
        bytes, segment: number, isLast: last == nil && index == wanted.count - 1, continuing: previous,
        digest: SHA256Chain()
      ) { entry throws(JournalDamage) in
        var reader = RecordReader(bytes, range: entry.payload)
        do throws(RecordReader.Malformed) {
          body(try JournalEvent(type: entry.type, reader: &reader), entry)
        } catch {
          throw JournalDamage(
            segment: number, offset: error.offset, sequence: entry.sequence, kind: .payload(type: entry.type))
        }
      }
      previous = ending.position
      ended(ending.position)
      tornByteCount = ending.tornByteCount
    }
    return tornByteCount
  }

  /// Puts down what all segments through `segment` say, as the engine does beside its work when one is closed.
  func putDownSnapshot(through segment: UInt64) throws(JournalDamage) {
    let newest = snapshots.newest
    if let newest, newest.position.place.segment > segment { return }
    var fold = newest?.fold ?? JournalFold()
    var position = newest?.position ?? .start
    let forgotten = hasForgetfulSnapshots ? segment : nil
    var number = newest?.position.place.segment ?? 1
    _ = try read(files.keys.sorted(), from: newest?.position, through: segment) { event, entry in
      if number != forgotten { fold.fold(event, at: entry.time) }
    } ended: {
      position = $0
      number += 1
    }
    position.place = LogPlace(segment: segment + 1, offset: 0)
    snapshots.add(JournalSnapshot(position: position, fold: fold))
  }

  // MARK: Writing

  typealias Ending = AppendLog.Ending

  fileprivate func write(
    _ bytes: [UInt8], at place: LogPlace, isDurable: Bool, _ executor: SimulatedExecutor, _ ended: @escaping Ending
  ) {
    writing = (bytes, place)
    executor.after(chance.between(15_000, 150_000)) { [self] in
      writing = nil
      if faults.happens(.writeFails) {
        files[place.segment]?.write(bytes.prefix(chance.below(bytes.count)), at: Int(place.offset))
        let isFull = chance.perMille(500)
        world.note("disk: a write of \(bytes.count) bytes \(isFull ? "finds no room" : "fails")")
        return ended(.failure(SimulatedDisk.failure("the write failed", isFull ? .noSpace : .unknown)))
      }
      files[place.segment]?.write(bytes, at: Int(place.offset))
      written = LogPlace(segment: place.segment, offset: place.offset + UInt64(bytes.count))
      guard isDurable else { return ended(.success(())) }
      flush(place.segment, executor, ended)
    }
  }

  fileprivate func flush(_ segment: UInt64, _ executor: SimulatedExecutor, _ ended: @escaping Ending) {
    let covered = written
    let isSlow = faults.happens(.slowFlush)
    executor.after(isSlow ? chance.milliseconds(200, 4_000) : chance.between(100_000, 3_000_000)) { [self] in
      if faults.happens(.flushFails) {
        world.note("disk: a flush fails")
        return ended(.failure(SimulatedDisk.failure("the flush failed")))
      }
      files[segment]?.flush()
      if covered.segment == segment { promised = covered }
      ended(.success(()))
    }
  }

  fileprivate func prepare(
    _ segment: UInt64, byteCount: UInt64, _ executor: SimulatedExecutor, _ ended: @escaping Ending
  ) {
    executor.after(chance.milliseconds(1, 60)) { [self] in
      if isFull { return ended(.failure(SimulatedDisk.failure("no room for a segment", .noSpace))) }
      let zeros = [UInt8](repeating: 0, count: Int(byteCount))
      files[segment] = File(cache: zeros, platter: zeros)
      ended(.success(()))
    }
  }

  fileprivate var isFull: Bool { world.now < fullUntil }

  fileprivate static func failure(_ cause: String, _ kind: AppendLogFailure.Kind = .unknown) -> AppendLogFailure {
    AppendLogFailure(kind, Refusal(code: "journal.notWritable", cause: cause, fix: "restart"))
  }
}

/// One life's way to the disk.
final class SimulatedLog: AppendLog, @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  private let disk: SimulatedDisk
  private let executor: SimulatedExecutor
  /// A mutation: each so-manieth durable write is acknowledged and dropped.
  var dropsEvery = 0
  private var writeCount = 0

  init(disk: SimulatedDisk, executor: SimulatedExecutor) {
    self.disk = disk
    self.executor = executor
  }

  func write(_ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending) {
    writeCount += 1
    if dropsEvery > 0, writeCount % dropsEvery == 0 { return ended(.success(())) }
    disk.write(bytes, at: place, isDurable: isDurable, executor, ended)
  }

  func sync(_ segment: UInt64) async throws(AppendLogFailure) {
    try await result { disk.flush(segment, executor, $0) }
  }

  func prepare(_ segment: UInt64, byteCount: UInt64) async throws(AppendLogFailure) {
    try await result { disk.prepare(segment, byteCount: byteCount, executor, $0) }
  }

  func checkRoom(_ byteCount: UInt64) async throws(AppendLogFailure) {
    if disk.isFull { throw SimulatedDisk.failure("no room is left", .noSpace) }
  }

  private func result(_ begin: (@escaping SimulatedDisk.Ending) -> Void) async throws(AppendLogFailure) {
    let ending = await withCheckedContinuation { continuation in
      begin { continuation.resume(returning: $0) }
    }
    try ending.get()
  }
}

// Files. No registered descriptors: looking one up costs nanoseconds beside a flush of a tenth of a millisecond.
extension EventLoop {
  /// Writes all of `buffer` at `offset`, then calls `completion` on the loop's thread, once. The buffer is lent to the
  /// loop until then. Writes that are under way together may be done in any order.
  package func write(
    _ buffer: IOBuffer, to file: AppendFile, at offset: UInt64, completion: @escaping (Result<Void, FileError>) -> Void
  ) {
    start(.write, file, buffer, offset, completion)
  }

  /// As ``write(_:to:at:completion:)``, then `fdatasync`: after success the bytes survive a power cut.
  package func writeAndSync(
    _ buffer: IOBuffer, to file: AppendFile, at offset: UInt64, completion: @escaping (Result<Void, FileError>) -> Void
  ) {
    start(.writeAndSync, file, buffer, offset, completion)
  }

  /// `fdatasync`: covers the writes whose completions were told before this call. A failure is told once, for this
  /// operation; see `FileError.Code.syncFailed`.
  package func sync(_ file: AppendFile, completion: @escaping (Result<Void, FileError>) -> Void) {
    start(.sync, file, nil, 0, completion)
  }

  /// Gives the kernel at once what it would be given at the end of this turn. Loop's thread.
  package func submitNow() {
    assertOnLoop()
    backend.submit()
  }

  /// Operations on files that are under way.
  package var fileOperationCount: Int { fileOperations.count }

  /// Reserves blocks for `[offset, offset + count)` without blocking, and lengthens the file if need be.
  package func allocate(
    _ count: UInt64, in file: AppendFile, at offset: UInt64, completion: @escaping (Result<Void, FileError>) -> Void
  ) {
    start(.allocate(count: count), file, nil, offset, completion)
  }

  private func start(
    _ purpose: FileOperation.Purpose, _ file: AppendFile, _ buffer: IOBuffer?, _ offset: UInt64,
    _ completion: @escaping (Result<Void, FileError>) -> Void
  ) {
    assertOnLoop()
    if let buffer {
      precondition(!buffer.isEmpty && buffer.count <= 1 << 30, "a write of 1 byte to 1 GiB")
      if file.options.direct {
        precondition(offset % 4096 == 0 && buffer.count % 4096 == 0, "direct writes are multiples of 4096")
      }
    }
    let refusal: FileError.Code? =
      phase != .running ? .stopped : fileOperations.isFull ? .tooManyInFlight : nil
    if let refusal {
      // Later, not from inside the call.
      localWork.append { completion(.failure(FileError(refusal))) }
      return
    }
    buffer?.lend()
    let operation = FileOperation(
      file: file, purpose: purpose, buffer: buffer, offset: offset, completion: completion)
    guard let id = fileOperations.insert(operation) else { preconditionFailure("the table had room") }
    submitFileOperation(id)
  }

  private func submitFileOperation(_ id: SlotID) {
    let operation = fileOperations[id]
    let file = operation.file.descriptor
    let offset = operation.offset + UInt64(operation.written)
    switch operation.purpose {
    case .sync: submit(.sync(file: file), .sync, id)
    case .allocate(let count): submit(.allocate(file: file, offset: offset, count: count), .allocate, id)
    case .write, .writeAndSync:
      guard let buffer = operation.buffer else { preconditionFailure("a write has a buffer") }
      let bytes = unsafe buffer.address(at: operation.written)
      let count = buffer.count - operation.written
      if case .writeAndSync = operation.purpose {
        submit(unsafe .writeAndSync(file: file, bytes: bytes, count: count, offset: offset), .sync, id)
      } else {
        submit(unsafe .write(file: file, bytes: bytes, count: count, offset: offset), .write, id)
      }
    }
  }

  func completeFileOperation(_ id: SlotID, _ kind: OperationKind, _ outcome: Outcome) {
    switch outcome {
    case .done(let count):
      let isWrite = kind == .write || kind == .writeBeforeSync
      if isWrite {
        fileOperations[id].written += Int(count)
        let wanted = fileOperations[id].buffer?.count ?? 0
        if fileOperations[id].written < wanted || kind == .writeBeforeSync {
          // Short: the rest follows; a file that takes nothing at all is full. A pair's write completes by itself only
          // when short, and its sync was not done.
          if count == 0 { return finish(id, FileError(.writeFailed, .noSpace)) }
          return submitFileOperation(id)
        }
      }
      finish(id, nil)
    case .tryAgain:
      submitFileOperation(id)
    case .cancelled:
      finish(id, FileError(failure(kind), .cancelled))
    case .noBuffers:
      preconditionFailure("only receives take buffers")
    case .exhausted(let errno), .peerGone(let errno), .failed(let errno):
      finish(id, FileError(failure(kind), errno))
    }
  }

  private func failure(_ kind: OperationKind) -> FileError.Code {
    switch kind {
    case .sync: .syncFailed
    case .allocate: .allocateFailed
    case .write, .writeBeforeSync, .accept, .receive, .send, .connect, .poll, .wake, .cancel, .close: .writeFailed
    }
  }

  private func finish(_ id: SlotID, _ error: FileError?) {
    let operation = fileOperations.remove(id)
    operation.buffer?.giveBack()
    operation.completion(error.map { .failure($0) } ?? .success(()))
  }
}

/// The same as `async` calls, for tasks and actors on the loop. A cancelled task still waits: what was asked of the disk
/// is done, and its outcome known.
extension EventLoop {
  package func write(_ buffer: IOBuffer, to file: AppendFile, at offset: UInt64) async throws(FileError) {
    try await wait { write(buffer, to: file, at: offset, completion: $0) }
  }

  package func writeAndSync(_ buffer: IOBuffer, to file: AppendFile, at offset: UInt64) async throws(FileError) {
    try await wait { writeAndSync(buffer, to: file, at: offset, completion: $0) }
  }

  package func sync(_ file: AppendFile) async throws(FileError) {
    try await wait { sync(file, completion: $0) }
  }

  package func allocate(_ count: UInt64, in file: AppendFile, at offset: UInt64) async throws(FileError) {
    try await wait { allocate(count, in: file, at: offset, completion: $0) }
  }

  private func wait(
    _ start: (@escaping (Result<Void, FileError>) -> Void) -> Void
  ) async throws(FileError) {
    let result: Result<Void, FileError> = await withCheckedContinuation { continuation in
      start { continuation.resume(returning: $0) }
    }
    try result.get()
  }
}

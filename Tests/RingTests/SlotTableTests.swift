import Testing

@testable import Ring

struct SlotTableTests {

  @Test("A freed place gets a new generation, and the old name finds nothing")
  func generations() {
    let table = SlotTable<String>(capacity: 2)
    let first = table.insert("a")
    let second = table.insert("b")
    let isFull = table.isFull
    let refused = table.insert("c")
    #expect(isFull && refused == nil)
    guard let first, let second else { return }
    let read = table[first]
    let removed = table.remove(first)
    #expect(read == "a" && removed == "a")
    let contained = [table.contains(first), table.contains(second)]
    #expect(contained == [false, true])
    let third = table.insert("c")
    #expect(third?.slot == first.slot && third != first)
    let ids = table.ids()
    #expect(ids.count == 2)
  }

  @Test("An id made of zeros names nothing")
  func zero() {
    let table = SlotTable<Int>(capacity: 1)
    _ = table.insert(1)
    let contained = [SlotID(slot: 0, generation: 0), SlotID(slot: 7, generation: 1)].map { table.contains($0) }
    #expect(contained == [false, false])
  }

  @Test("Elements are let go with their place or with the table")
  func lifetimes() {
    final class Element {}
    weak var removed: Element?
    weak var kept: Element?
    do {
      let table = SlotTable<Element>(capacity: 4)
      do {
        let (one, two) = (Element(), Element())
        (removed, kept) = (one, two)
        let id = table.insert(one)
        _ = table.insert(two)
        if let id { table.remove(id) }
      }
      #expect(removed == nil && kept != nil)
    }
    #expect(kept == nil)
  }

  @Test("Tokens carry kind, slot and generation through the kernel and back")
  func tokens() {
    let id = SlotID(slot: 0xdead_beef, generation: 0xab_cdef)
    let token = OperationToken(.receive, id)
    #expect(OperationToken(rawValue: token.rawValue).kind == .receive)
    #expect(OperationToken(rawValue: token.rawValue).id == id)
    #expect(OperationToken(rawValue: 0).kind == nil)
  }
}

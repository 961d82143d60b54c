extension HolidayCalendar {
  /// The list that comes with the engine: what the exchanges announced for 2026 and press and brokers reprinted. A
  /// circular may change it at any time: a list of the user's own wins.
  ///
  /// NSE and BSE close on the same days. MCX's evening session ends at 23:30, and at 23:55 while America has winter
  /// time. Of the Muhurat session no hours were published when this was written.
  static let bundled = """
    covers,2026
    2026-01-01,MCX,session,09:00-17:00,New Year Day: morning session only
    2026-01-15,NSE BSE,holiday,,Municipal Corporation Election in Maharashtra
    2026-01-26,NSE BSE MCX,holiday,,Republic Day
    2026-02-01,NSE BSE,session,09:15-15:30,Union Budget on a Sunday
    2026-02-19,MCX,settlement,,Chhatrapati Shivaji Maharaj Jayanti
    2026-03-03,NSE BSE,holiday,,Holi
    2026-03-03,MCX,session,17:00-23:55,Holi: evening session only
    2026-03-26,NSE BSE,holiday,,Shri Ram Navami
    2026-03-26,MCX,session,17:00-23:30,Shri Ram Navami: evening session only
    2026-03-31,NSE BSE,holiday,,Shri Mahavir Jayanti
    2026-03-31,MCX,session,17:00-23:30,Shri Mahavir Jayanti: evening session only
    2026-04-03,NSE BSE MCX,holiday,,Good Friday
    2026-04-14,NSE BSE,holiday,,Dr. Baba Saheb Ambedkar Jayanti
    2026-04-14,MCX,session,17:00-23:30,Dr. Baba Saheb Ambedkar Jayanti: evening session only
    2026-05-01,NSE BSE,holiday,,Maharashtra Day
    2026-05-01,MCX,session,17:00-23:30,Maharashtra Day: evening session only
    2026-05-28,NSE BSE,holiday,,Bakri Id
    2026-05-28,MCX,session,17:00-23:30,Bakri Id: evening session only
    2026-06-26,NSE BSE,holiday,,Muharram
    2026-06-26,MCX,session,17:00-23:30,Muharram: evening session only
    2026-09-14,NSE BSE,holiday,,Ganesh Chaturthi
    2026-09-14,MCX,session,17:00-23:30,Ganesh Chaturthi: evening session only
    2026-10-02,NSE BSE MCX,holiday,,Mahatma Gandhi Jayanti
    2026-10-20,NSE BSE,holiday,,Dussehra
    2026-10-20,MCX,session,17:00-23:30,Dussehra: evening session only
    2026-11-08,NSE BSE MCX,session,,Diwali Laxmi Pujan: Muhurat trading at the hours of the exchange's circular
    2026-11-10,NSE BSE,holiday,,Diwali Balipratipada
    2026-11-10,MCX,session,17:00-23:55,Diwali Balipratipada: evening session only
    2026-11-24,NSE BSE,holiday,,Prakash Gurpurb Sri Guru Nanak Dev
    2026-11-24,MCX,session,17:00-23:55,Guru Nanak Jayanti: evening session only
    2026-12-25,NSE BSE MCX,holiday,,Christmas
    """
}

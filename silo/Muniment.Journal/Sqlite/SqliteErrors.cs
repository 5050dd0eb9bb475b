using Microsoft.Data.Sqlite;

namespace Muniment.Journal.Sqlite;

/// <summary>What SQLite's primary result codes mean to us (sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    private const int Busy = 5;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static bool IsFull(SqliteException error) => error.SqliteErrorCode == Full;

    /// <summary>Nothing this process knows about the file may be trusted any more. Busy is here because nobody else may ever write to it.</summary>
    public static bool IsFatal(SqliteException error) => error.SqliteErrorCode is IoError or Corrupt or NotADatabase or CannotOpen or Busy;

    public static SqliteException Of(int code, string what) => new($"{what}: SQLite error {code}", code & 0xff, code);
}

namespace Muniment.Journal.Sqlite;

/// <summary>Fills a migration's placeholders for SQLite.</summary>
internal static class SqliteDialect
{
    public static string Translate(string sql) => sql
        .Replace("{blob}", "BLOB", StringComparison.Ordinal)
        .Replace("{external}", "", StringComparison.Ordinal)
        .Replace("{without_rowid}", " WITHOUT ROWID", StringComparison.Ordinal);
}

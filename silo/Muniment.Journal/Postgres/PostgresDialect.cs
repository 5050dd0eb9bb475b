using System.Text;
using System.Text.RegularExpressions;

namespace Muniment.Journal.Postgres;

/// <summary>
/// Fills a migration's placeholders for PostgreSQL. <c>{external}</c> becomes an ALTER TABLE after the statements, because only version 16 takes STORAGE in
/// CREATE TABLE: compressed bytes are kept out of line and not compressed again.
/// </summary>
internal static partial class PostgresDialect
{
    public static string Translate(string sql)
    {
        StringBuilder storage = new();
        foreach (Match table in Table().Matches(sql))
        {
            foreach (Match column in External().Matches(table.Groups["columns"].Value))
            {
                storage.Append($"; ALTER TABLE {table.Groups["name"].Value} ALTER COLUMN {column.Groups["name"].Value} SET STORAGE EXTERNAL");
            }
        }

        return sql.TrimEnd().TrimEnd(';')
            .Replace("{blob}", "BYTEA", StringComparison.Ordinal)
            .Replace("{external}", "", StringComparison.Ordinal)
            .Replace("{without_rowid}", "", StringComparison.Ordinal) + storage;
    }

    [GeneratedRegex(@"CREATE TABLE (?<name>\w+)\s*\((?<columns>[^;]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Table();

    [GeneratedRegex(@"(?<name>\w+) \{blob\}\{external\}", RegexOptions.CultureInvariant)]
    private static partial Regex External();
}

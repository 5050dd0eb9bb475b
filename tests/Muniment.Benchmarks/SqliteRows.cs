using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Muniment.Benchmarks;

/// <summary>The peer that most products are: one SQLite row an event with four indexes, WAL, synchronous FULL, 1000 rows a commit.</summary>
internal static class SqliteRows
{
    public static double Run(string directory, IReadOnlyList<(string Correlation, string User, string Verdict, string Policy, long Time, byte[] Record)> rows, TimeSpan duration)
    {
        SQLitePCL.Batteries_V2.Init();
        string file = Path.Combine(directory, "rows.db");
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
        Execute("""
            CREATE TABLE event (seq INTEGER PRIMARY KEY, correlation TEXT, user TEXT, verdict TEXT, policy TEXT, ts INTEGER, record BLOB);
            CREATE INDEX event_correlation ON event (correlation);
            CREATE INDEX event_user ON event (user, ts);
            CREATE INDEX event_verdict ON event (verdict, ts);
            CREATE INDEX event_policy ON event (policy, ts);
            """);
        long inserted = 0;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            using SqliteCommand insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO event (correlation, user, verdict, policy, ts, record) VALUES ($c, $u, $v, $p, $t, $r)";
            SqliteParameter c = insert.Parameters.Add("$c", SqliteType.Text), u = insert.Parameters.Add("$u", SqliteType.Text), v = insert.Parameters.Add("$v", SqliteType.Text),
                p = insert.Parameters.Add("$p", SqliteType.Text), t = insert.Parameters.Add("$t", SqliteType.Integer), r = insert.Parameters.Add("$r", SqliteType.Blob);
            for (int i = 0; i < 1000; i++)
            {
                var row = rows[(int)(inserted % rows.Count)];
                // Correlations must go on being new, as they are in life.
                c.Value = row.Correlation[..^6] + (inserted / 12).ToString("x6");
                u.Value = row.User;
                v.Value = row.Verdict;
                p.Value = row.Policy;
                t.Value = row.Time + inserted;
                r.Value = row.Record;
                insert.ExecuteNonQuery();
                inserted++;
            }

            transaction.Commit();
        }

        double rate = inserted / watch.Elapsed.TotalSeconds;
        connection.Close();
        SqliteConnection.ClearAllPools();
        File.Delete(file);
        return rate;

        void Execute(string sql)
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}

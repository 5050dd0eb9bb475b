using System.Data.Common;
using Dapper;

namespace Muniment.Journal.Storage;

/// <summary>Applies an owner's missing migrations on an open transaction.</summary>
internal static class SchemaMigrator
{
    public const string VersionTable = "CREATE TABLE IF NOT EXISTS schema_version(owner TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL)";

    /// <summary>The version that is in force; throws when the database is newer than this program.</summary>
    public static int Current(DbConnection connection, TableOwner owner)
    {
        int version = connection.ExecuteScalar<int?>("SELECT version FROM schema_version WHERE owner=@Name", new { owner.Name }) ?? 0;
        return version <= owner.Migrations.Length
            ? version
            : throw new DataDirectoryException(
                $"the tables of '{owner.Name}' have schema version {version}, this program knows only {owner.Migrations.Length}: it is older than the data, start a newer one");
    }

    public static void Apply(DbConnection connection, TableOwner owner, Func<string, string> dialect)
    {
        int version = Current(connection, owner);
        for (int i = version; i < owner.Migrations.Length; i++)
        {
            Migration step = owner.Migrations[i];
            if (step.Version != i + 1)
            {
                throw new ArgumentException($"migration {i + 1} of '{owner.Name}' says it is {step.Version}", nameof(owner));
            }

            connection.Execute(dialect(step.Sql));
        }

        connection.Execute(
            "INSERT INTO schema_version(owner, version) VALUES(@Name, @Length) ON CONFLICT(owner) DO UPDATE SET version=excluded.version",
            new { owner.Name, owner.Migrations.Length });
    }
}

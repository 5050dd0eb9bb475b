using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Muniment.Journal.Durability;

namespace Muniment.Journal;

/// <summary>
/// Named places where the process can be made to die: <c>FAULT=point:n</c> kills it (SIGKILL) at the n-th pass of that place. Compiled in always; a pass costs
/// one null check while <c>FAULT</c> is not set.
/// </summary>
public static class Failpoints
{
    /// <summary>Environment variable that arms a point.</summary>
    public const string Variable = "FAULT";

    /// <summary>In the commit transaction, everything inserted, COMMIT not yet given.</summary>
    public const string BeforeCommit = "before-commit";
    /// <summary>COMMIT is durable, nobody was told yet.</summary>
    public const string AfterCommit = "after-commit-before-ack";
    /// <summary>Before the write-ahead log is copied into the database file.</summary>
    public const string BeforeCheckpoint = "before-checkpoint";
    /// <summary>After the write-ahead log was copied into the database file.</summary>
    public const string AfterCheckpoint = "after-checkpoint";
    /// <summary>In the acquire transaction, epoch raised, COMMIT not yet given.</summary>
    public const string Acquire = "acquire";
    /// <summary>In the seal transaction: sealed block inserted, its commit rows not yet deleted.</summary>
    public const string MidSeal = "mid-seal";
    /// <summary>A seal is durable, readers were not told yet.</summary>
    public const string AfterSeal = "after-seal";
    /// <summary>In the index transaction: new run written, the runs it replaces not yet deleted.</summary>
    public const string IndexMerge = "index-merge";
    /// <summary>A key file is written and synced under its temporary name, not yet renamed.</summary>
    public const string KeyWrite = "key-write";
    /// <summary>In the transaction that forgets old request and id digests, after the delete.</summary>
    public const string DedupPurge = "dedup-purge";
    /// <summary>In the transaction that advances a projection: state written, position not yet.</summary>
    public const string PositionAdvance = "position-advance";
    /// <summary>In a schema migration, before its COMMIT.</summary>
    public const string Migration = "migration";
    /// <summary>A backup's journal copy is complete, its keys are not yet written.</summary>
    public const string MidBackup = "mid-backup";

    /// <summary>A change of configuration is stored with its admin event, which does not stand in the journal yet.</summary>
    public const string BeforeRecord = "change-before-record";

    private static readonly Lock s_lock = new();
    private static ImmutableSortedDictionary<string, string> s_all = ImmutableSortedDictionary<string, string>.Empty
        .Add(BeforeCommit, "in the commit transaction, before COMMIT")
        .Add(AfterCommit, "the commit is durable, nobody was told yet")
        .Add(BeforeCheckpoint, "before the write-ahead log is copied into the database file")
        .Add(AfterCheckpoint, "after the write-ahead log was copied into the database file")
        .Add(Acquire, "in the transaction that raises a tenant's epoch, before COMMIT")
        .Add(MidSeal, "sealed block inserted, its commit rows not yet deleted")
        .Add(AfterSeal, "a seal is durable, readers were not told yet")
        .Add(IndexMerge, "new index run written, the runs it replaces not yet deleted")
        .Add(KeyWrite, "a key file is written and synced under its temporary name, not yet renamed")
        .Add(DedupPurge, "in the transaction that forgets old digests, after the delete")
        .Add(PositionAdvance, "projection state written, its position not yet")
        .Add(Migration, "in a schema migration, before COMMIT")
        .Add(BeforeRecord, "a change of configuration is stored, its admin event not yet in the journal")
        .Add(MidBackup, "a backup's journal copy is complete, its keys are not yet written");

    /// <summary>Every point by name with one sentence that says where it lies.</summary>
    public static ImmutableSortedDictionary<string, string> All => s_all;

    /// <summary>Adds the points of another part of the platform, at its start.</summary>
    public static void Register(string name, string sentence)
    {
        lock (s_lock)
        {
            s_all = s_all.SetItem(name, sentence);
        }
    }

    /// <summary>Dies here when this point is armed and this is its n-th pass.</summary>
    public static void Pass(string name) => Arming.Armed?.Pass(name);

    /// <summary>One sentence for a text of <c>FAULT</c> that arms nothing, or null: a run that was to die at a misspelt place would prove nothing.</summary>
    /// <param name="text">The variable's value; nothing is armed when it is empty.</param>
    public static string? Refuse(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : !TryParse(text, out string? name, out _) ? $"{Variable}={text}: expected point:n with n from 1."
        : !All.ContainsKey(name) ? $"{Variable}={text}: there is no point {name}; expected one of {string.Join(", ", All.Keys)}."
        : null;

    private static bool TryParse(string text, [NotNullWhen(true)] out string? name, out int at)
    {
        int colon = text.LastIndexOf(':');
        (name, at) = (colon > 0 ? text[..colon] : null, 0);
        return name is not null && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out at) && at > 0;
    }

    // Apart, so that a wrong text does not keep the list from being read.
    private static class Arming
    {
        public static readonly Armed? Armed = Failpoints.Armed.Parse(Environment.GetEnvironmentVariable(Variable));
    }

    private sealed class Armed(string name, int at)
    {
        private int _passes;

        public static Armed? Parse(string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return null;
            }

            return TryParse(text, out string? name, out int at)
                ? new Armed(name, at)
                : throw new FormatException($"{Variable}='{text}' is no failpoint: expected point:n with n from 1");
        }

        public void Pass(string point)
        {
            if (point != name || Interlocked.Increment(ref _passes) != at)
            {
                return;
            }

            if (!OperatingSystem.IsWindows())
            {
                _ = Libc.Kill(Environment.ProcessId, Libc.SigKill);
            }

            Environment.FailFast($"failpoint {name}:{at}");
        }
    }
}

using Muniment.Events.Keys;
using Muniment.Journal.Reading;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests;

public class JournalUsageTests
{
    [SkippableTheory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_tenants_bytes_grow_with_its_own_blocks_only(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        var usage = new JournalUsage(journal.Store.Database);
        Assert.Equal(0, await usage.StoredBytesAsync(TestJournal.Acme, default));
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        PendingAppend request = TestSegments.Request(keys, 4, "one", digest: "d");
        await journal.CommitAsync(head, request);
        long used = await usage.StoredBytesAsync(TestJournal.Acme, default);
        long sent = request.Segments.Sum(segment => (long)segment.Payload.Length + segment.Terms.Length);
        Assert.InRange(used, sent, sent + 4096);
        Assert.Equal(0, await usage.StoredBytesAsync(TestJournal.Globex, default));
    }
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Copying;

namespace Muniment.Delivery.Batches;

/// <summary>
/// Reads the log, selects and renders: log ─► selection ─► renderer ─► <see cref="Batch"/>. Deterministic: nothing of the clock or of chance goes in.
/// Thread-safe; each call works with its own projection.
/// </summary>
public sealed class BatchBuilder(string origin, string tenant, IEventSource source, Func<IEventProjection> projections, IPredicateCompiler predicates, KindRegistry kinds)
{
    /// <summary>Most entries looked at in one call, so that a destination that selects little still reports where it is.</summary>
    public const int MaxScan = 100_000;

    private const long MostRented = 1 << 22;
    private const long UsualEventBytes = 2048;

    /// <summary>The detectors of <c>redact</c>.</summary>
    public IRedactionCompiler Redactions { get; init; } = new NoRedaction();

    /// <summary>Where the memory of batches is counted; one for a process.</summary>
    public BatchBudget Budget { get; init; } = new();

    /// <summary>Builds a batch on the calling thread (callers put it on the pool).</summary>
    public async Task<Batch> BuildAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        BatchConfig limits = request.Shape.Batch;
        long reserved = 0;
        if (!request.Exact && Math.Min(request.MaxBytes, limits.MaxBytes) is int grown && grown > limits.FirstBytes)
        {
            bool fits = Budget.TryTake(grown);
            reserved = fits ? grown : 0;
            request = fits ? request : request with { MaxBytes = limits.FirstBytes };
        }

        // Rented whole, so that it does not grow by copying; less where there is little to look at.
        BatchBuffer buffer = new((int)Math.Min(Math.Min(request.MaxBytes, request.Shape.Batch.MaxBytes) + 65536L, Math.Min(MostRented, 65536 + (UsualEventBytes * (request.To - request.From)))));
        BatchItems items = new(request.Exact ? 256 : Math.Min(request.Shape.Batch.MaxEvents, 1024));
        try
        {
            Batch batch = await BuildAsync(request, buffer, items, cancellationToken).ConfigureAwait(false);
            batch.CountIn(Budget, reserved);
            return batch;
        }
        catch
        {
            Budget.Take(-reserved);
            buffer.Dispose();
            items.Dispose();
            throw;
        }
    }

    private async Task<Batch> BuildAsync(BatchRequest request, BatchBuffer buffer, BatchItems items, CancellationToken cancellationToken)
    {
        DestinationConfig shape = request.Shape;
        int maxBytes = Math.Min(request.MaxBytes, shape.Batch.MaxBytes);
        IEventProjection projection = projections();
        EventSelection selection = new(request.Selection, predicates);
        IEventRenderer renderer = kinds.Find(shape.Kind)!.CreateRenderer(new RenderContext(origin, tenant, shape, projection));
        IEventRedaction? redaction = shape.Redact.IsEmpty ? null
            : Redactions.Compile(shape.Redact, out string? wanted) ?? throw new InvalidDataException($"a stored list of detectors cannot be used: expected {wanted}");
        // What is sent as it came is copied, not read: the same bytes for a third of the work.
        CanonicalCopier? copier = renderer.Copies && redaction is null && request.Cut.IsEmpty && selection.IsByStream ? projection.Copier() : null;
        bool raw = shape.IsRaw;
        TenantId owner = TenantId.Parse(tenant);
        long[] redacted = new long[redaction?.Names.Length ?? 0];
        LeftOut leftOut = default;
        long expected = request.From;
        bool full = false;
        int replayed = 0;
        await foreach (SourceBlock block in source.ReadAsync(request.From, request.To, cancellationToken).ConfigureAwait(false))
        {
            ArraySegment<StoredEvent> events = block.Events is ArraySegment<StoredEvent> segment ? segment : block.Events.ToArray();
            for (int i = 0; i < events.Count && !full; i++)
            {
                ref readonly StoredEvent stored = ref events.Array![events.Offset + i];
                long n = request.FirstN + items.Count;
                long epoch = request.Epoch;
                CanonicalEvent? read = null;
                bool copies = copier is not null && copier.TryTake(stored);
                if (request.Replay.Length > 0)
                {
                    while (replayed < request.Replay.Length && request.Replay[replayed].Seq < stored.Seq)
                    {
                        replayed++; // gone since
                    }

                    if (replayed == request.Replay.Length || request.Replay[replayed].Seq != stored.Seq)
                    {
                        continue;
                    }

                    (n, epoch) = (request.Replay[replayed].N, request.Replay[replayed].Epoch);
                }
                else
                {
                    if (!request.Exact && request.From < request.ExpireBefore && stored.Seq >= request.ExpireBefore)
                    {
                        // What was given up is looked at by itself, so that it is accounted for without waiting for a request.
                        leftOut += new LeftOut(0, 0, 0, request.Filter == LaneFilter.Denied ? 0 : stored.Seq - expected);
                        (expected, full) = (stored.Seq, true);
                        break;
                    }

                    LeftOut before = leftOut;
                    long expectedBefore = expected;
                    // Only holes that a later event proves are counted: the end of what was read may simply not be visible yet.
                    leftOut += new LeftOut(0, 0, 0, request.Filter == LaneFilter.Denied ? 0 : stored.Seq - expected);
                    expected = stored.Seq + 1;
                    // Whose the event is does not depend on what is selected, so that lanes that share a range account for each event once, also when the selection changes.
                    if (request.Filter != LaneFilter.All)
                    {
                        read = copies || stored.Kind == EntryKind.Metric ? null : projection.Read(stored);
                        if ((copies ? copier!.IsDenied : read?.Result == "denied") != (request.Filter == LaneFilter.Denied))
                        {
                            full = !request.Exact && expected - request.From >= MaxScan;
                            continue;
                        }
                    }

                    Selected answer = copies ? selection.Test(copier!.Stream) : selection.Test(stored, projection, ref read);
                    if (answer != Selected.Yes)
                    {
                        leftOut += new LeftOut(answer == Selected.Stream ? 1 : 0, answer == Selected.Where ? 1 : 0, answer == Selected.Sample ? 1 : 0, 0);
                        full = !request.Exact && expected - request.From >= MaxScan;
                        continue;
                    }

                    if (stored.Seq < request.ExpireBefore)
                    {
                        leftOut += new LeftOut(0, 0, 0, 1);
                        full = !request.Exact && expected - request.From >= MaxScan;
                        continue;
                    }

                    if (!request.Exact && items.Count >= shape.Batch.MaxEvents)
                    {
                        (leftOut, expected, full) = (before, expectedBefore, true);
                        break;
                    }

                    int start = buffer.Length;
                    Add(stored, read, copies ? copier : null, n, epoch, block, i);
                    if (!request.Exact && items.Count > 1 && buffer.Length > maxBytes)
                    {
                        buffer.Truncate(start);
                        items.RemoveLast();
                        redaction?.Take();
                        (leftOut, expected, full) = (before, expectedBefore, true);
                        break;
                    }

                    Tally();
                    full = !request.Exact && (expected - request.From >= MaxScan || buffer.Length >= maxBytes);
                    continue;
                }

                Add(stored, read, copies ? copier : null, n, epoch, block, i);
                Tally();
            }

            if (full)
            {
                break;
            }
        }

        return new Batch(buffer)
        {
            First = request.From, Last = request.Exact ? request.To - 1 : expected - 1, Items = items, LeftOut = leftOut, Full = full,
            Digest = SHA256.HashData(buffer.Written.Span), Cuts = request.Cut.Length, Filter = request.Filter,
            Redacted = redaction is null ? null : redaction.Names.Select((name, i) => KeyValuePair.Create(name, redacted[i])).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };

        void Tally()
        {
            long[] counts = redaction?.Take() ?? [];
            for (int i = 0; i < counts.Length; i++)
            {
                redacted[i] += counts[i];
            }
        }

        void Add(in StoredEvent stored, CanonicalEvent? read, CanonicalCopier? copy, long n, long epoch, SourceBlock block, int index)
        {
            int start = buffer.Length;
            ReadOnlyMemory<byte> leaf = block.Leaves.IsEmpty ? default : block.Leaves.Slice(index * 32, 32);
            if (copy is not null)
            {
                byte part = renderer.Render(new OutgoingEvent(stored, null, "", leaf, epoch, n) { Copy = copy }, buffer);
                items.Add(new BatchItem(stored.Seq, n, copy.IsIdGiven ? copy.Id : null, start, buffer.Length - start, part) { ReceivedNs = stored.ReceivedNs, Tenant = owner });
                return;
            }

            string id = read?.Id ?? projection.IdOf(stored);
            if (read is null && !raw)
            {
                read = projection.Read(stored);
            }

            StoredEvent outgoing = stored;
            if (redaction is not null && raw)
            {
                outgoing = redaction.Redact(stored);
            }
            else
            {
                redaction?.Redact(read!); // before it is cut: what is said of the whole must not tell what was redacted
            }

            if (!raw && request.Cut.Contains(stored.Seq))
            {
                OversizeCut.Apply(read!);
            }

            byte group = renderer.Render(new OutgoingEvent(outgoing, read, id, leaf, epoch, n), buffer);
            items.Add(new BatchItem(stored.Seq, n, id, start, buffer.Length - start, group) { ReceivedNs = stored.ReceivedNs, Tenant = owner });
        }
    }
}

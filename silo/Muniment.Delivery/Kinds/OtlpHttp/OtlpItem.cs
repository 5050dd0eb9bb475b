using System.Buffers;
using System.Buffers.Binary;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// A rendered record: u32 little-endian length of resource, the same of scope, resource, scope, record. Neighbours with the same resource and scope share them in the request.
/// </summary>
internal static class OtlpItem
{
    /// <summary>Groups of a batch: one request path each.</summary>
    public const byte Logs = 0, Traces = 1, Metrics = 2;

    public static void WriteHead(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> scope, IBufferWriter<byte> output)
    {
        Span<byte> lengths = output.GetSpan(8);
        BinaryPrimitives.WriteInt32LittleEndian(lengths, resource.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], scope.Length);
        output.Advance(8);
        output.Write(resource);
        output.Write(scope);
    }

    /// <summary>
    /// Composes <c>Export…ServiceRequest</c>; the three signals have the same shape: request.1 = resource, resource.2 = scope, scope.2 = record. Sizes are known before anything
    /// is written, so that a request of some megabytes is one array, kept with the batch, and no copies.
    /// </summary>
    public static ReadOnlyMemory<byte> Compose(BatchSlice slice)
    {
        List<Run> runs = Runs(slice);
        List<int> resources = [];
        int total = 0;
        for (int r = 0; r < runs.Count;)
        {
            int size = ResourceSize(slice, runs, r, out r);
            resources.Add(size);
            total += Proto.FieldSize(size);
        }

        Memory<byte> room = slice.Rent(total);
        Span<byte> request = room.Span;
        int at = 0;
        int next = 0;
        for (int r = 0; r < runs.Count; r++)
        {
            Run run = runs[r];
            Read(slice.BytesOf(run.From).Span, out ReadOnlySpan<byte> resource, out ReadOnlySpan<byte> scope, out _);
            if (run.BeginsResource)
            {
                Proto.WriteHead(request, ref at, 1, resources[next++]);
                Proto.Write(request, ref at, resource);
            }

            Proto.WriteHead(request, ref at, 2, scope.Length + run.RecordsSize);
            Proto.Write(request, ref at, scope);
            for (int i = run.From; i < run.To; i++)
            {
                Read(slice.BytesOf(i).Span, out _, out _, out ReadOnlySpan<byte> record);
                Proto.WriteHead(request, ref at, 2, record.Length);
                Proto.Write(request, ref at, record);
            }
        }

        return at == total ? room : throw new InvalidOperationException($"the request has {at} bytes, computed were {total}");
    }

    /// <summary>Neighbours with the same resource and scope.</summary>
    private static List<Run> Runs(BatchSlice slice)
    {
        List<Run> runs = [];
        for (int i = 0; i < slice.Count;)
        {
            Read(slice.BytesOf(i).Span, out ReadOnlySpan<byte> resource, out ReadOnlySpan<byte> scope, out _);
            bool begins = true;
            if (runs.Count > 0)
            {
                Read(slice.BytesOf(i - 1).Span, out ReadOnlySpan<byte> before, out _, out _);
                begins = !before.SequenceEqual(resource);
            }

            int from = i;
            int size = 0;
            for (; i < slice.Count; i++)
            {
                Read(slice.BytesOf(i).Span, out ReadOnlySpan<byte> nextResource, out ReadOnlySpan<byte> nextScope, out ReadOnlySpan<byte> record);
                if (!nextResource.SequenceEqual(resource) || !nextScope.SequenceEqual(scope))
                {
                    break;
                }

                size += Proto.FieldSize(record.Length);
            }

            runs.Add(new Run(from, i, size, begins));
        }

        return runs;
    }

    private static int ResourceSize(BatchSlice slice, List<Run> runs, int first, out int next)
    {
        Read(slice.BytesOf(runs[first].From).Span, out ReadOnlySpan<byte> resource, out _, out _);
        int size = resource.Length;
        next = first;
        do
        {
            Read(slice.BytesOf(runs[next].From).Span, out _, out ReadOnlySpan<byte> scope, out _);
            size += Proto.FieldSize(scope.Length + runs[next].RecordsSize);
            next++;
        }
        while (next < runs.Count && !runs[next].BeginsResource);
        return size;
    }

    private static void Read(ReadOnlySpan<byte> item, out ReadOnlySpan<byte> resource, out ReadOnlySpan<byte> scope, out ReadOnlySpan<byte> record)
    {
        int resourceLength = BinaryPrimitives.ReadInt32LittleEndian(item);
        int scopeLength = BinaryPrimitives.ReadInt32LittleEndian(item[4..]);
        resource = item.Slice(8, resourceLength);
        scope = item.Slice(8 + resourceLength, scopeLength);
        record = item[(8 + resourceLength + scopeLength)..];
    }

    private readonly record struct Run(int From, int To, int RecordsSize, bool BeginsResource);
}

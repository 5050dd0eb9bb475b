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

    /// <summary>Composes <c>Export…ServiceRequest</c>; the three signals have the same shape: request.1 = resource, resource.2 = scope, scope.2 = record.</summary>
    public static ReadOnlyMemory<byte> Compose(BatchSlice slice)
    {
        ArrayBufferWriter<byte> request = new(1 << 16);
        int i = 0;
        while (i < slice.Count)
        {
            Read(slice.BytesOf(i).Span, out ReadOnlySpan<byte> resource, out _, out _);
            ArrayBufferWriter<byte> scopes = new(1 << 14);
            while (i < slice.Count)
            {
                Read(slice.BytesOf(i).Span, out ReadOnlySpan<byte> sameResource, out ReadOnlySpan<byte> scope, out _);
                if (!sameResource.SequenceEqual(resource))
                {
                    break;
                }

                int end = i;
                int recordsSize = 0;
                while (end < slice.Count)
                {
                    Read(slice.BytesOf(end).Span, out ReadOnlySpan<byte> nextResource, out ReadOnlySpan<byte> nextScope, out ReadOnlySpan<byte> record);
                    if (!nextResource.SequenceEqual(resource) || !nextScope.SequenceEqual(scope))
                    {
                        break;
                    }

                    recordsSize += Proto.FieldSize(record.Length);
                    end++;
                }

                Proto.WriteHead(2, scope.Length + recordsSize, scopes);
                scopes.Write(scope);
                for (; i < end; i++)
                {
                    Read(slice.BytesOf(i).Span, out _, out _, out ReadOnlySpan<byte> record);
                    Proto.WriteBytes(2, record, scopes);
                }
            }

            Proto.WriteHead(1, resource.Length + scopes.WrittenCount, request);
            request.Write(resource);
            request.Write(scopes.WrittenSpan);
        }

        return request.WrittenMemory;
    }

    private static void Read(ReadOnlySpan<byte> item, out ReadOnlySpan<byte> resource, out ReadOnlySpan<byte> scope, out ReadOnlySpan<byte> record)
    {
        int resourceLength = BinaryPrimitives.ReadInt32LittleEndian(item);
        int scopeLength = BinaryPrimitives.ReadInt32LittleEndian(item[4..]);
        resource = item.Slice(8, resourceLength);
        scope = item.Slice(8 + resourceLength, scopeLength);
        record = item[(8 + resourceLength + scopeLength)..];
    }
}

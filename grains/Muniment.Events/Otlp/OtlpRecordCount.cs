using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// How many records a decoded <c>ExportXServiceRequest</c> has, by its lengths alone, without looking into a record. Logs, spans and metrics lie under the same field numbers
/// (opentelemetry-proto: <c>resource_X = 1</c>, <c>scope_X = 2</c>, records = 2).
/// </summary>
public static class OtlpRecordCount
{
    private const int Groups = 1, Scopes = 2, Records = 2;

    /// <summary>The number of records; of a broken message, those before the fault.</summary>
    public static int Of(ReadOnlySpan<byte> request)
    {
        int count = 0;
        var groups = new ProtoCursor(request);
        while (Next(ref groups, Groups, out int groupStart, out int groupEnd))
        {
            var scopes = new ProtoCursor(request, groupStart, groupEnd);
            while (Next(ref scopes, Scopes, out int scopeStart, out int scopeEnd))
            {
                var records = new ProtoCursor(request, scopeStart, scopeEnd);
                while (Next(ref records, Records, out _, out _))
                {
                    count++;
                }
            }
        }

        return count;
    }

    /// <summary>Goes to the next message of a field number; false at the end and at a fault.</summary>
    private static bool Next(ref ProtoCursor cursor, int number, out int start, out int end)
    {
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag == ((uint)number << 3 | ProtoCursor.Len))
            {
                bool read = cursor.TryReadLength(out start, out int length);
                end = start + length;
                return read;
            }

            if (!cursor.TrySkip(tag))
            {
                break;
            }
        }

        start = end = 0;
        return false;
    }
}

using System.Buffers;
using System.Text;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Events.Canonical.Writing;

/// <summary>
/// RFC 4180 lines, one a event: a column for each field of the contract by its dotted name, <c>decision</c> and <c>details</c> as JSON. A text that a
/// spreadsheet would run as a formula (it begins with <c>= + - @</c>, tab or carriage return) gets an apostrophe in front; numbers do not.
/// </summary>
public static class CsvWriter
{
    private static readonly SearchValues<char> MustQuote = SearchValues.Create(",\"\r\n");

    /// <summary>The columns of every file.</summary>
    public static IReadOnlyList<EventField> Columns { get; } = [.. EventFields.Known];

    /// <summary>Writes the line of names, with CRLF.</summary>
    public static void WriteHeader(IBufferWriter<byte> output)
    {
        output.Write(Encoding.ASCII.GetBytes(string.Join(',', Columns.Select(c => c.Name))));
        output.Write("\r\n"u8);
    }

    /// <summary>Writes one event's line, with CRLF.</summary>
    public static void Write(CanonicalEvent e, IBufferWriter<byte> output)
    {
        var line = new StringBuilder(512);
        for (int i = 0; i < Columns.Count; i++)
        {
            if (i > 0)
            {
                line.Append(',');
            }

            FieldValue value = Columns[i].Read(e);
            AppendCell(line, TextOf(value), isText: value.Kind is not (FieldKind.Integer or FieldKind.Number));
        }

        line.Append("\r\n");
        foreach (ReadOnlyMemory<char> chunk in line.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, output);
        }
    }

    /// <summary>Appends one cell: guarded when it is a text, quoted when it must be.</summary>
    public static void AppendCell(StringBuilder line, string? cell, bool isText)
    {
        if (string.IsNullOrEmpty(cell))
        {
            return;
        }

        bool guard = isText && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n';
        if (!guard && !cell.AsSpan().ContainsAny(MustQuote))
        {
            line.Append(cell);
            return;
        }

        line.Append('"').Append(guard ? "'" : "").Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private static string? TextOf(FieldValue value) => value.Kind switch
    {
        FieldKind.Json => Encoding.UTF8.GetString(value.Json.Span),
        FieldKind.Many => string.Join(' ', value.Many!.Select(TextOf)),
        _ => value.AsText(),
    };
}

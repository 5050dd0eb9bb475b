namespace Muniment.Events.Otlp;

/// <summary>Why a request was refused. Safe to show to its sender: no content of the request is in it.</summary>
/// <param name="Path">The field, e.g. <c>resource_logs[0].scope_logs[1].log_records[3].attributes[2].value</c>; empty for the request itself.</param>
/// <param name="OffsetBytes">Offset in the decoded body.</param>
/// <param name="Reason">What was found and what was expected, one clause.</param>
public sealed record OtlpError(string Path, int OffsetBytes, string Reason)
{
    /// <summary>The whole sentence, e.g. <c>resource_logs[0].resource: 12 bytes announced, 3 left (byte 17)</c>.</summary>
    public override string ToString() => $"{(Path.Length == 0 ? "request" : Path)}: {Reason} (byte {OffsetBytes})";
}

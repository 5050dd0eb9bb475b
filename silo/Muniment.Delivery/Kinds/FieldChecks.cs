namespace Muniment.Delivery.Kinds;

/// <summary>Checks of options and credentials that several kinds share: each returns null when the text is good, else what was expected.</summary>
internal static class FieldChecks
{
    /// <summary>Printable ASCII.</summary>
    public static Func<string, string, string?> Line(int length) => (_, text) =>
        text.Length > 0 && text.Length <= length && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : $"1 to {length} printable ASCII characters";

    /// <summary>Printable ASCII without blanks, fit for a header.</summary>
    public static Func<string, string, string?> Token(int length) => (_, text) =>
        text.Length > 0 && text.Length <= length && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : $"1 to {length} printable ASCII characters without blanks";

    /// <summary>One part of a URL's path or host, so that an option cannot lead anywhere else.</summary>
    public static Func<string, string, string?> Segment(int length) => (_, text) =>
        text.Length > 0 && text.Length <= length && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null : $"1 to {length} of A-Z a-z 0-9 - _ . beginning with a letter or digit";

    /// <summary>One of these words.</summary>
    public static Func<string, string, string?> OneOf(params string[] words) => (_, text) => words.Contains(text) ? null : "one of " + string.Join(", ", words);
}

namespace Muniment.Events.Formats;

/// <summary>Whether a user's name is a mail address, narrowly: what the schemas' own patterns take without doubt.</summary>
internal static class MailAddress
{
    public static bool IsOne(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf('@');
        if (at < 1 || text.Length > 254 || text[(at + 1)..].IndexOf('.') < 1 || text[^1] == '.')
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (i != at && !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-') && (i > at || c is not ('_' or '+')))
            {
                return false;
            }
        }

        return true;
    }
}

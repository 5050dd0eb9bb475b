using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>Values that are secret because of the name before them: passwords of connection strings, keys and signatures of Azure, and (off by default) any name that sounds like a secret's.</summary>
internal static class Assignments
{
    /// <summary>Looks at what follows a <c>=</c>.</summary>
    public static void Find(in Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (sign < 3)
        {
            return;
        }

        switch (text[sign - 1] | 0x20)
        {
            case 'd' when Named(text, sign, "password", out int name) || Named(text, sign, "pwd", out name):
                Password(scan, sign, name);
                break;
            case 'y' when Named(text, sign, "accountkey", out _):
                StorageKey(scan, sign);
                break;
            case 'y' when Named(text, sign, "sharedaccesskey", out int name) || Named(text, sign, "sharedsecret", out name):
                Password(scan, sign, name);
                break;
            case 'g' when Named(text, sign, "sig", out int name) && (name == 0 || text[name - 1] is '?' or '&' or ';' or ' '):
                Signature(scan, sign);
                break;
        }
    }

    /// <summary>The generic assignment: a name that sounds like a secret's, then a value that looks random.</summary>
    public static void Generic(in Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        ReadOnlySpan<char> name = Context.WordBefore(text, sign > 0 && text[sign - 1] == ':' ? sign - 1 : sign, out _);
        if (!scan.Has(DetectorId.GenericSecret) || name.Length is < 3 or > 60 || !SoundsSecret(name))
        {
            return;
        }

        int start = sign + 1;
        while (start < text.Length && start < sign + 5 && text[start] is ' ' or '"' or '\'' or '=' or '`')
        {
            start++;
        }

        int bound = scan.Bound(start), end = start < bound ? Chars.RunEnd(text, start, bound, CharClass.Run) : start;
        if (end - start is < 10 or > 150 || (end < text.Length && text[end] is '(' or '['))
        {
            return;
        }

        ReadOnlySpan<char> value = text[start..end];
        if (value.IndexOfAnyInRange('0', '9') >= 0 && !Placeholders.Is(value) && Entropy.Of(value) >= 3.5f)
        {
            scan.Add(DetectorId.GenericSecret, start, end);
        }
    }

    private static bool SoundsSecret(ReadOnlySpan<char> name)
    {
        foreach (string part in (ReadOnlySpan<string>)["secret", "token", "passw", "pwd", "apikey", "api_key", "api-key", "access_key", "access-key", "accesskey", "credential", "private_key", "auth"])
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Named(ReadOnlySpan<char> text, int sign, string name, out int start)
    {
        start = sign - name.Length;
        return start >= 0 && text[start..sign].Equals(name, StringComparison.OrdinalIgnoreCase) && (start == 0 || !Chars.IsWord(text[start - 1]));
    }

    private static void Password(in Scan scan, int sign, int name)
    {
        ReadOnlySpan<char> text = scan.Text;
        int before = name;
        while (before > 0 && name - before < 4 && text[before - 1] == ' ')
        {
            before--;
        }

        if (!scan.Has(DetectorId.ConnectionString) || before == 0 || text[before - 1] != ';')
        {
            return; // a lone password= is an assignment, not a connection string
        }

        int start = sign + 1, bound = scan.Bound(start), end = start < bound ? Chars.RunEnd(text, start, bound, CharClass.Value) : start;
        if (end == start + ScanLimits.Hold)
        {
            scan.Add(DetectorId.ConnectionString, start, end, Swallow.Value);
        }
        else if (Unescaped(text, start, ref end) && end - start >= 4 && !Placeholders.Is(text[start..end]))
        {
            scan.Add(DetectorId.ConnectionString, start, end);
        }
    }

    /// <summary>Leaves a backslash that belongs to the quote after the value.</summary>
    private static bool Unescaped(ReadOnlySpan<char> text, int start, ref int end)
    {
        while (end > start && text[end - 1] == '\\')
        {
            end--;
        }

        return true;
    }

    private static void StorageKey(in Scan scan, int sign)
    {
        const string development = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw"; // published, the emulator's
        ReadOnlySpan<char> text = scan.Text;
        int start = sign + 1, bound = scan.Bound(start), end = start < bound ? Chars.RunEnd(text, start, bound, CharClass.Base64) : start;
        if (end - start is < 42 or > 100 || Entropy.Of(text[start..end]) < 4 || text[start..end].SequenceEqual(development))
        {
            return;
        }

        for (int pad = 0; pad < 2 && end < bound && text[end] == '='; pad++)
        {
            end++;
        }

        scan.Add(DetectorId.AzureStorageKey, start, end);
    }

    private static void Signature(in Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = sign + 1, bound = scan.Bound(start), end = start < bound ? Chars.RunEnd(text, start, bound, CharClass.Run) : start;
        ReadOnlySpan<char> value = text[start..end];
        if (value.Length is >= 43 and <= 120 && (value.EndsWith("%3D", StringComparison.OrdinalIgnoreCase) || value[^1] == '=') && Entropy.Of(value) >= 3.6f && Context.Has(text, start, ScanLimits.Before, "se="))
        {
            scan.Add(DetectorId.AzureSas, start, end);
        }
    }
}

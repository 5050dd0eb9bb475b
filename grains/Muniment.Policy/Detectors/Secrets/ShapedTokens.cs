using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>Tokens whose mark stands in the middle, and hexadecimal keys that are known only by the words beside them.</summary>
internal static class ShapedTokens
{
    private static readonly WordList Datadog = new("datadog", "dd");

    /// <summary>Microsoft Entra: three characters, a digit, <c>Q~</c>, 31 to 34 characters. Called at each <c>~</c>.</summary>
    public static void AzureSecret(in Scan scan, int tilde)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = tilde - 5;
        if (start < 0 || !scan.Has(DetectorId.AzureClientSecret) || text[tilde - 1] != 'Q' || !Chars.IsDigit(text[tilde - 2]) || !Chars.IsTokenStart(text, start)
            || Chars.RunEnd(text, start, tilde, CharClass.Dotted) != tilde)
        {
            return;
        }

        int end = Chars.RunEnd(text, tilde + 1, scan.Bound(start), CharClass.Dotted);
        while (end > tilde + 1 && text[end - 1] == '.')
        {
            end--;
        }

        if (end - tilde - 1 is >= 31 and <= 40 && Entropy.Of(text[(tilde + 1)..end]) >= 3.4f)
        {
            scan.Add(DetectorId.AzureClientSecret, start, end);
        }
    }

    /// <summary>Terraform: 14 characters, <c>.atlasv1.</c>, 60 to 70 characters. Called at each dot.</summary>
    public static void Terraform(in Scan scan, int dot)
    {
        const string middle = ".atlasv1.";
        ReadOnlySpan<char> text = scan.Text;
        int start = dot - 14, body = dot + middle.Length;
        if (start < 0 || !scan.Has(DetectorId.TerraformToken) || !text[dot..].StartsWith(middle) || !Chars.IsTokenStart(text, start) || Chars.RunEnd(text, start, dot, CharClass.Alnum) != dot)
        {
            return;
        }

        int end = Chars.RunEnd(text, body, scan.Bound(start), CharClass.Url64);
        if (end - body >= 60 && Entropy.Of(text[body..end]) >= 3.6f)
        {
            scan.AddRun(DetectorId.TerraformToken, start, end, Swallow.Token);
        }
    }

    /// <summary>Slack's incoming webhooks: the address is the credential. Called where <c>h</c> begins a token.</summary>
    public static void SlackWebhook(in Scan scan, int host)
    {
        const string anchor = "hooks.slack.com/services/";
        const string scheme = "https://";
        ReadOnlySpan<char> text = scan.Text;
        if (!scan.Has(DetectorId.SlackWebhook) || !text[host..].StartsWith(anchor))
        {
            return;
        }

        int start = host >= scheme.Length && text[(host - scheme.Length)..host].SequenceEqual(scheme) ? host - scheme.Length : host;
        int bound = scan.Bound(start), team = host + anchor.Length;
        int teamEnd = Chars.RunEnd(text, team, bound, CharClass.UpperDigit);
        int bot = teamEnd + 1, botEnd = bot < bound && text[teamEnd] == '/' ? Chars.RunEnd(text, bot, bound, CharClass.UpperDigit) : 0;
        if (teamEnd - team < 8 || botEnd - bot < 8 || botEnd >= bound || text[botEnd] != '/')
        {
            return;
        }

        int end = Chars.RunEnd(text, botEnd + 1, bound, CharClass.Alnum);
        if (end - botEnd - 1 >= 20 && Entropy.Of(text[(botEnd + 1)..end]) >= 2.8f)
        {
            scan.AddRun(DetectorId.SlackWebhook, start, end, Swallow.Token);
        }
    }

    /// <summary>Datadog's keys: 32 or 40 hexadecimal characters beside their name.</summary>
    public static void HexKey(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (!scan.Has(DetectorId.DatadogKey) || !Chars.Is(text[start], CharClass.Hex) || start + 32 > text.Length || !Chars.Is(text[start + 31], CharClass.Hex))
        {
            return;
        }

        int end = Chars.RunEnd(text, start, scan.Bound(start), CharClass.Hex);
        if (end - start is 32 or 40 && (end == text.Length || !Chars.IsAlnum(text[end])) && Datadog.StandsBefore(text, start, 60) && Context.Has(text, start, 60, "key")
            && Entropy.Of(text[start..end]) >= 2.6f)
        {
            scan.Add(DetectorId.DatadogKey, start, end);
        }
    }
}

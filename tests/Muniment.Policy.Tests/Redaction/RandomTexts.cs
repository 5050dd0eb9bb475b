using System.Collections.Immutable;
using System.Text;
using Muniment.Policy.Tests.Detectors;

namespace Muniment.Policy.Tests.Redaction;

/// <summary>Texts of words, code, noise and planted values. It knows what it planted, so that leaks are seen without asking any detector.</summary>
internal sealed class RandomTexts(int seed)
{
    // Values that are found wherever they stand; the rest of the corpus needs words beside it.
    private static readonly string[] FreeStanding =
    [
        "aws_access_key", "aws_bedrock_key", "gcp_api_key", "google_oauth", "github_token", "gitlab_token", "npm_token", "pypi_token", "huggingface_token", "slack_token", "openai_key", "anthropic_key", "llm_key",
        "stripe_key", "sendgrid_key", "digitalocean_token", "databricks_token", "shopify_token", "vault_token", "terraform_token", "grafana_token", "postman_key", "linear_key", "pulumi_token", "doppler_token", "age_key",
        "newrelic_key", "docker_token", "atlassian_token", "jwt", "private_key", "credit_card", "iban", "email",
    ];

    private static readonly ImmutableArray<(string Detector, string Value)> Values =
        [.. Corpus.Hits.Where(c => FreeStanding.Contains(c.Detector)).SelectMany(c => c.Values).Where(v => FreeStanding.Contains(v.Detector)).Distinct()];

    private static readonly string[] Others = [.. Corpus.Hits.Where(c => !FreeStanding.Contains(c.Detector)).Concat(Corpus.Misses).Select(c => c.Text), .. Corpus.Negatives];

    private static readonly string[] Glue = [" ", "\n", ", ", "; ", "\"", "'", "(", ") ", "=", ": ", ". ", "\t", "<", ">", "{", "} ", "|", "\u4e2d", "\r\n", "`", " - ", "\u200b ", "\u00a0", "&x=", "/* ", "[", "] "];

    private static readonly string[] Words =
        ["the", "key", "card", "call", "phone", "ssn", "password=", "token:", "Bearer", "Authorization:", "Cookie:", "3", "42", "2026-09-21", "eyJ", "sk-", "-----BEGIN", "ghp_", "DE89", "+1", "(415)", "a@b", "https://u:", ";pwd=", "\\u0041", "\u00e9t\u00e9", "\u4e16\u754c", "\ud83d\ude00", "\u200b", "\\", "\\u", "%20", "\u0301"];

    private readonly Random _random = new(seed);

    /// <summary>A text and what was planted in it.</summary>
    public (string Text, List<string> Planted) Next()
    {
        StringBuilder text = new();
        List<string> planted = [];
        for (int parts = _random.Next(1, 9); parts > 0; parts--)
        {
            int kind = _random.Next(10);
            if (kind < 4)
            {
                string value = Values[_random.Next(Values.Length)].Value;
                planted.Add(value);
                text.Append(Glue[_random.Next(Glue.Length)]).Append(_random.Next(6) == 0 ? Disguise(value) : value).Append(Glue[_random.Next(Glue.Length)]);
            }
            else if (kind < 6)
            {
                string other = Others[_random.Next(Others.Length)];
                int start = _random.Next(other.Length), length = _random.Next(1, Math.Min(160, other.Length - start + 1));
                text.Append(other, start, Math.Min(length, other.Length - start)).Append(Glue[_random.Next(Glue.Length)]);
            }
            else if (kind < 9)
            {
                text.Append(Words[_random.Next(Words.Length)]).Append(_random.Next(3) == 0 ? "" : " ");
            }
            else
            {
                for (int n = _random.Next(1, 300); n > 0; n--)
                {
                    text.Append("abcXYZ0189-_./+=: "[_random.Next(_random.Next(2) == 0 ? 17 : 10)]);
                }

                text.Append(' ');
            }
        }

        return (text.ToString(), planted);
    }

    /// <summary>Cuts a text anywhere.</summary>
    public IEnumerable<(int Start, int Length)> Chunks(int length)
    {
        int largest = _random.Next(3) switch { 0 => 3, 1 => 12, _ => 60 };
        for (int start = 0; start < length;)
        {
            int size = Math.Min(length - start, _random.Next(1, largest + 1));
            yield return (start, size);
            start += size;
        }
    }

    /// <summary>The same value as a reader would still read it: invisible characters, fullwidth letters, escapes.</summary>
    private string Disguise(string value)
    {
        int way = _random.Next(3);
        StringBuilder hidden = new();
        foreach (char c in value)
        {
            bool plain = c is <= ' ' or > '~' or '"' or '\\' || _random.Next(3) > 0;
            hidden.Append(plain ? c.ToString() : way switch { 0 => "\u200b" + c, 1 => ((char)(c + 0xFEE0)).ToString(), _ => $"\\u{(int)c:x4}" });
        }

        return hidden.ToString();
    }
}

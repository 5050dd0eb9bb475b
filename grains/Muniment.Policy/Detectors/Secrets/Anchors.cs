using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>
/// The issuers' tokens that are known by how they begin. A look-up by the first two characters says which rules may apply; in ordinary text hardly any.
/// Lengths and alphabets are those that the issuers publish; a body may be longer than known today, so that a longer form is covered too.
/// </summary>
internal static class Anchors
{
    private const float HexBits = 2.6f, ShortBits = 3.0f, LongBits = 3.6f;

    private static readonly AnchorRule[] Rules =
    [
        .. Each(["AKIA", "ASIA", "ABIA", "ACCA"], p => new AnchorRule(DetectorId.AwsAccessKey, p, CharClass.Base32, 16, 2.5f, Exact: true) { Ends = CharClass.UpperDigit, Shape = b => !b.EndsWith("EXAMPLE") }),
        new(DetectorId.AwsBedrockKey, "ABSK", CharClass.Base64, 109, LongBits),
        new(DetectorId.GcpApiKey, "AIza", CharClass.Url64, 35, LongBits),
        new(DetectorId.GoogleOauth, "GOCSPX-", CharClass.Url64, 28, ShortBits),
        new(DetectorId.GoogleOauth, "ya29.", CharClass.Dotted, 40, LongBits),
        .. Each(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], p => new AnchorRule(DetectorId.GithubToken, p, CharClass.Dotted, 36, 0) { Shape = GithubToken.IsBody }),
        new(DetectorId.GithubToken, "github_pat_", CharClass.Word, 60, LongBits),
        .. Each(["glpat-", "gldt-", "glrt-", "glrtr-", "glft-", "glptt-", "glcbt-", "glsoat-", "glagent-", "glimt-", "glffct-"], p => new AnchorRule(DetectorId.GitlabToken, p, CharClass.Dotted, 20, ShortBits)),
        new(DetectorId.NpmToken, "npm_", CharClass.Alnum, 36, LongBits),
        new(DetectorId.PypiToken, "pypi-AgEIcHlwaS5vcmc", CharClass.Url64, 50, LongBits),
        new(DetectorId.PypiToken, "pypi-AgENdGVzdC5weXBpLm9yZw", CharClass.Url64, 50, LongBits),
        new(DetectorId.HuggingfaceToken, "hf_", CharClass.Alnum, 34, LongBits),
        new(DetectorId.HuggingfaceToken, "api_org_", CharClass.Alnum, 34, LongBits),
        .. Each(["xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"], p => new AnchorRule(DetectorId.SlackToken, p, CharClass.Dotted, 20, 2.8f) { Shape = HasTenDigits }),
        new(DetectorId.OpenaiKey, "sk-", CharClass.Alnum, 32, 3.0f),
        .. Each(["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"], p => new AnchorRule(DetectorId.OpenaiKey, p, CharClass.Url64, 40, LongBits)),
        new(DetectorId.AnthropicKey, "sk-ant-", CharClass.Url64, 80, LongBits),
        new(DetectorId.LlmKey, "pplx-", CharClass.Alnum, 40, LongBits),
        new(DetectorId.LlmKey, "gsk_", CharClass.Alnum, 40, LongBits),
        new(DetectorId.LlmKey, "xai-", CharClass.Alnum, 60, LongBits),
        new(DetectorId.LlmKey, "r8_", CharClass.Alnum, 36, LongBits),
        new(DetectorId.LlmKey, "sk-or-v1-", CharClass.Hex, 64, HexBits),
        .. Each(["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_"], p => new AnchorRule(DetectorId.StripeKey, p, CharClass.Alnum, 16, 2.8f)),
        new(DetectorId.StripeKey, "whsec_", CharClass.Base64, 32, 3.4f),
        new(DetectorId.SendgridKey, "SG.", CharClass.Dotted, 60, LongBits) { Shape = b => b.IndexOf('.') is >= 20 and <= 24 && b.Length - b.IndexOf('.') > 38 },
        new(DetectorId.TwilioKey, "SK", CharClass.Hex, 32, HexBits, Exact: true) { Near = new WordList("twilio") },
        .. Each(["dop_v1_", "doo_v1_", "dor_v1_"], p => new AnchorRule(DetectorId.DigitaloceanToken, p, CharClass.Hex, 64, HexBits)),
        new(DetectorId.DatabricksToken, "dapi", CharClass.Url64, 32, HexBits) { Shape = b => Chars.RunEnd(b, 0, b.Length, CharClass.Hex) is int hex && hex >= 32 && (hex == b.Length || (b[hex] == '-' && hex + 2 == b.Length)) },
        .. Each(["shpat_", "shpca_", "shppa_", "shpss_"], p => new AnchorRule(DetectorId.ShopifyToken, p, CharClass.Hex, 32, HexBits)),
        .. Each(["hvs.", "hvb.", "hvr."], p => new AnchorRule(DetectorId.VaultToken, p, CharClass.Url64, 24, 3.2f)),
        new(DetectorId.GrafanaToken, "glsa_", CharClass.Word, 41, 3.4f),
        new(DetectorId.GrafanaToken, "glc_", CharClass.Base64, 32, LongBits),
        new(DetectorId.PostmanKey, "PMAK-", CharClass.Url64, 59, HexBits) { Shape = b => Chars.RunEnd(b, 0, b.Length, CharClass.Hex) == 24 && b[24] == '-' },
        new(DetectorId.LinearKey, "lin_api_", CharClass.Alnum, 40, LongBits),
        new(DetectorId.LinearKey, "lin_oauth_", CharClass.Alnum, 40, LongBits),
        new(DetectorId.PulumiToken, "pul-", CharClass.Hex, 40, HexBits),
        .. Each(["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], p => new AnchorRule(DetectorId.DopplerToken, p, CharClass.Dotted, 40, LongBits)),
        new(DetectorId.AgeKey, "AGE-SECRET-KEY-1", CharClass.UpperDigit, 58, 3.4f),
        new(DetectorId.OktaToken, "00", CharClass.Url64, 40, LongBits, Exact: true) { Near = new WordList("okta", "ssws"), Ends = CharClass.Url64 },
        .. Each(["NRAK-", "NRIQ-", "NRII-", "NRRA-", "NRSP-"], p => new AnchorRule(DetectorId.NewrelicKey, p, CharClass.Alnum, 27, ShortBits)),
        new(DetectorId.DockerToken, "dckr_pat_", CharClass.Url64, 27, ShortBits),
        new(DetectorId.DockerToken, "dckr_oat_", CharClass.Url64, 27, ShortBits),
        .. Each(["ATATT3", "ATCTT3"], p => new AnchorRule(DetectorId.AtlassianToken, p, CharClass.Url64, 100, LongBits)),
        new(DetectorId.AtlassianToken, "ATBB", CharClass.Alnum, 32, 3.4f),
    ];

    private static readonly byte[] BucketOf = new byte[128 * 128];
    private static readonly AnchorRule[][] Buckets = BuildBuckets();

    /// <summary>Looks for tokens that begin there; the place is a token's start and two characters remain.</summary>
    public static void Find(in Scan scan, int start)
    {
        int first = scan.Text[start], second = scan.Text[start + 1];
        byte bucket = (first | second) < 128 ? BucketOf[(first << 7) | second] : (byte)0;
        if (bucket != 0)
        {
            foreach (AnchorRule rule in Buckets[bucket])
            {
                rule.Find(scan, start);
            }
        }
    }

    private static bool HasTenDigits(ReadOnlySpan<char> body)
    {
        int digits = 0;
        foreach (char c in body)
        {
            digits += Chars.IsDigit(c) ? 1 : 0;
        }

        return digits >= 10;
    }

    private static AnchorRule[][] BuildBuckets()
    {
        List<AnchorRule[]> buckets = [[]];
        foreach (IGrouping<string, AnchorRule> group in Rules.GroupBy(r => r.Prefix[..2]))
        {
            BucketOf[(group.Key[0] << 7) | group.Key[1]] = (byte)buckets.Count;
            buckets.Add([.. group]);
        }

        return [.. buckets];
    }

    private static IEnumerable<AnchorRule> Each(string[] prefixes, Func<string, AnchorRule> make) => prefixes.Select(make);
}

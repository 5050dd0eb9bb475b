namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Runs all finders of a set over a piece of normalised text.</summary>
internal static class TextScanner
{
    /// <summary>
    /// Adds every match that begins at or after <paramref name="first"/> (customers' patterns: and before <paramref name="limit"/>), in order. What stands before serves as context.
    /// </summary>
    public static void Find(DetectorSet set, ReadOnlySpan<char> text, bool atEnd, int first, int limit, HitList hits)
    {
        Scan scan = new(text, atEnd, set.Enabled, hits, first);
        int from = Math.Max(0, first - ScanLimits.Before);
        if (set.NeedsSymbols)
        {
            SymbolPass.Find(scan, from);
        }

        if (set.NeedsRuns)
        {
            RunPass.Find(scan, from);
            Secrets.PrivateKey.Find(scan, first);
        }

        if (scan.Has(DetectorId.MacAddress))
        {
            for (int i = from; i < text.Length; i++)
            {
                if (text[i] == '-' && i >= 2)
                {
                    Network.HexAddresses.Mac(scan, i - 2, '-');
                }
            }
        }

        for (int i = 0; i < set.Customs.Length; i++)
        {
            if (!hits.HasFailed(i) && !set.Customs[i].Find(text, first, limit, (int)DetectorId.Count + i, hits))
            {
                hits.Fail(i);
            }
        }

        hits.Sort();
    }
}

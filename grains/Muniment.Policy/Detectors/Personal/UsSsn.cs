using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Personal;

/// <summary>
/// US social security numbers: 3-2-4 digits with dashes; with spaces or none only beside their name. Areas 000, 666 and 900 to 999, group 00 and serial 0000
/// were never given out, and two numbers that were printed in advertisements are none either.
/// </summary>
internal static class UsSsn
{
    private static readonly WordList Words = new("ssn", "social security", "social sec", "soc sec");

    /// <summary>Looks at a run of digits.</summary>
    public static void Find(in Scan scan, in NumberRun run)
    {
        if (!scan.Has(DetectorId.UsSsn))
        {
            return;
        }

        bool dashed = run.Is([3, 2, 4], "-"), spaced = !dashed && run.Is([3, 2, 4], " "), bare = run.Length(0) == 9;
        if (!(dashed || spaced || bare))
        {
            return;
        }

        int groups = bare ? 1 : 3;
        ReadOnlySpan<byte> d = run.Values;
        long area = Checksums.Number(d[..3]), group = Checksums.Number(d[3..5]), serial = Checksums.Number(d[5..9]);
        if (area is 0 or 666 or >= 900 || group == 0 || serial == 0 || (area, group, serial) is (78, 5, 1120) or (219, 9, 9999) || !run.Alone(scan.Text, groups))
        {
            return;
        }

        if (dashed || Words.StandsBefore(scan.Text, run.Start, 40))
        {
            scan.Add(DetectorId.UsSsn, run.Start, run.End(groups - 1));
        }
    }
}

namespace Muniment.Gateway.Health;

/// <summary>One series of one instrument: a counter's sum, a gauge's last value, or a histogram's buckets. Updated under its own lock.</summary>
internal sealed class MetricSeries(string labels, double[]? bounds)
{
    private readonly Lock gate = new();
    private readonly long[]? buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double sum;
    private long count;

    public string Labels => labels;

    public void Add(double value)
    {
        lock (gate)
        {
            sum += value;
            count++;
            if (buckets is not null)
            {
                int at = Array.BinarySearch(bounds!, value);
                buckets[at < 0 ? ~at : at]++;
            }
        }
    }

    public void Set(double value)
    {
        lock (gate)
        {
            sum = value;
        }
    }

    public (double Sum, long Count, long[]? Buckets) Read()
    {
        lock (gate)
        {
            return (sum, count, (long[]?)buckets?.Clone());
        }
    }
}

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>Short texts that every frame of a stream repeats (ids, fingerprints) and that were looked at once already. Bounded.</summary>
internal sealed class CleanTexts
{
    private const int MostTexts = 16;
    private const int LongestBytes = 128;

    private readonly List<byte[]> _texts = [];

    public bool Contains(ReadOnlySpan<byte> raw)
    {
        foreach (byte[] text in _texts)
        {
            if (raw.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    public void Add(ReadOnlySpan<byte> raw)
    {
        if (_texts.Count < MostTexts && raw.Length <= LongestBytes)
        {
            _texts.Add(raw.ToArray());
        }
    }
}

using System.Buffers;
using Muniment.Gateway.Llm.Texts;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;
using Muniment.Gateway.Llm.Sse;
using Muniment.Gateway.Llm.Usage;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>
/// Reads the frames of one answer, counts its usage and writes what the client may see:
/// <code>
/// frame ─► tape ─► texts of the channels ─► scrubber ─► edits of exactly those strings ─► frame
///                  arguments of tools    ─► held until whole ─► one fragment
///                  the last frame        ─► held until the record of the answer is durable
/// </code>
/// Without an active scrubber frames pass byte for byte. One stream an instance; not thread-safe.
/// </summary>
internal abstract class StreamRewriter(Scrubber scrubber, StreamSettings settings)
{
    /// <summary>Most characters of arguments and signed reasoning that are held back at once.</summary>
    public const int MaxHeldChars = 8 << 20;

    /// <summary>Most channels of one stream.</summary>
    public const int MaxChannels = 4096;

    private readonly CleanTexts _clean = new();
    private readonly TextFinder _finder = new();
    private UsageCounts _usage;

    /// <summary>The current frame's data.</summary>
    protected JsonTape Tape { get; } = new();

    /// <summary>Edits of the current frame.</summary>
    protected JsonEdits Edits { get; } = new();

    /// <summary>Texts that come in pieces.</summary>
    protected List<TextChannel> Channels { get; } = [];

    /// <summary>Arguments that are held back.</summary>
    protected List<HeldText> Held { get; } = [];

    /// <summary>What replaces.</summary>
    protected Scrubber Scrubber { get; } = scrubber;

    /// <summary>Settings of the stream.</summary>
    protected StreamSettings Settings { get; } = settings;

    /// <summary>Characters held back.</summary>
    protected int HeldChars { get; set; }

    /// <summary>The usage so far.</summary>
    public UsageCounts Usage => _usage;

    /// <summary>The model that answers, as it names itself.</summary>
    public string? ServedModel { get; protected set; }

    /// <summary>The upstream's own id of the answer.</summary>
    public string? AnswerId { get; protected set; }

    /// <summary>Why it ended, in the provider's word.</summary>
    public string? StopReason { get; protected set; }

    /// <summary>Whether the upstream itself reported an error in the stream.</summary>
    public bool UpstreamFailed { get; protected set; }

    /// <summary>The texts as they came.</summary>
    public AnswerTexts Texts { get; } = new();

    /// <summary>What was not looked into.</summary>
    public List<UnseenPart> Unseen { get; } = [];

    /// <summary>Names of the tools that the answer calls, at most a hundred.</summary>
    public List<string> ToolNames { get; } = [];

    /// <summary>Whether the last frame was seen; it lies in <see cref="Last"/>.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Why the stream cannot go on.</summary>
    public StreamFault Fault { get; protected set; }

    /// <summary>Frames seen.</summary>
    public long Frames { get; private set; }

    /// <summary>The last frame, held back.</summary>
    public ArrayBufferWriter<byte> Last { get; } = new(256);

    /// <summary>Reference to the usage, for those that overwrite it.</summary>
    protected ref UsageCounts UsageRef => ref _usage;

    /// <summary>Takes a frame and writes what may be shown. Nothing is written once <see cref="Fault"/> is set.</summary>
    public void Take(in SseFrame frame, IBufferWriter<byte> output)
    {
        Frames++;
        if (!frame.HasData)
        {
            output.Write(frame.Raw.Span);
            return;
        }

        if (HasEnded)
        {
            // Nothing comes after the last frame; what does, nobody reads.
            return;
        }

        if (IsLastWithoutJson(frame.Data.Span))
        {
            FlushAll(output);
            End(frame.Raw.Span);
            StopIfDetectorFailed();
            return;
        }

        if (Tape.Read(frame.Data) is not JsonFault.None)
        {
            Fault = StreamFault.Malformed;
            return;
        }

        Edits.Clear();
        TakeJson(frame, output);
        StopIfDetectorFailed();
    }

    /// <summary>The upstream closed. What is held as text is written; without a last frame that is a fault.</summary>
    public virtual void Close(IBufferWriter<byte> output)
    {
        if (!HasEnded && Fault is StreamFault.None)
        {
            FlushAll(output);
            Fault = StreamFault.BrokenOff;
        }
    }

    /// <summary>Pointer of a text in the answer that the frames make up.</summary>
    public abstract string PointerOf(long owner, long part, string name);

    /// <summary>Writes the provider's error frame, in the form that its SDK throws on.</summary>
    public abstract void WriteError(IBufferWriter<byte> output, StreamError error);

    /// <summary>Whether data that is no JSON is the last frame.</summary>
    protected virtual bool IsLastWithoutJson(ReadOnlySpan<byte> data) => false;

    /// <summary>Takes a frame whose data is on the tape.</summary>
    protected abstract void TakeJson(in SseFrame frame, IBufferWriter<byte> output);

    /// <summary>Writes what all channels hold.</summary>
    protected abstract void FlushAll(IBufferWriter<byte> output);

    /// <summary>Keeps the last frame back.</summary>
    protected void End(ReadOnlySpan<byte> frame)
    {
        Last.Write(frame);
        HasEnded = true;
    }

    /// <summary>Keeps the last frame back, with its edits.</summary>
    protected void End(in SseFrame frame)
    {
        WriteEdited(frame, Last);
        HasEnded = true;
    }

    /// <summary>Writes the current frame with its edits; without edits byte for byte.</summary>
    protected void WriteEdited(in SseFrame frame, IBufferWriter<byte> output)
    {
        if (Edits.Count == 0)
        {
            output.Write(frame.Raw.Span);
            return;
        }

        if (frame.Data.Span.Contains((byte)'\n'))
        {
            SseWriter.Write(output, frame.Event.Span, Edits.Apply(frame.Data).Span);
            return;
        }

        SseWriter.Begin(output, frame.Event.Span);
        Edits.Apply(frame.Data.Span, output);
        SseWriter.End(output);
    }

    /// <summary>Scrubs one string of the current frame as a whole.</summary>
    protected void ScrubWhole(int node)
    {
        if (Tape[node].Kind is not JsonKind.String || Tape[node].End - Tape[node].Start <= 2 || !Scrubber.IsActive)
        {
            return;
        }

        ReadOnlySpan<byte> raw = Tape.Raw(node);
        if (_clean.Contains(raw))
        {
            return;
        }

        EncodedText encoded = EncodedText.Of(Tape, node);
        if (encoded.Why is { } why)
        {
            Unsee(Tape.Pointer(node), why);
            return;
        }

        string text = encoded.Text ?? Tape.Text(node);
        var place = new TextPlace(Tape, node);
        if ((DocumentScrubber.MayBeJson(text) ? Scrubber.ScrubJson(text, place) : Scrubber.Scrub(text, place)) is { } scrubbed)
        {
            new TextSite(node, false, TextRole.Assistant, text, encoded.Text is null ? null : encoded.Prefix).Replace(Tape, Edits, scrubbed);
        }
        else
        {
            _clean.Add(raw);
        }
    }

    /// <summary>Scrubs every text of the current frame as a whole.</summary>
    protected void ScrubDocument()
    {
        if (!Scrubber.IsActive)
        {
            return;
        }

        _finder.Find(Tape, TextRole.Assistant);
        foreach (UnseenPart part in _finder.Unseen)
        {
            Unsee(part.Pointer, part.Why);
        }

        DocumentScrubber.Scrub(Tape, _finder.Texts, Scrubber, Edits);
    }

    /// <summary>The open channel of a text, or null.</summary>
    protected TextChannel? Find(long owner, long part, string name)
    {
        foreach (TextChannel known in Channels)
        {
            if (known.Owner == owner && known.Part == part && known.Name == name)
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>Opens the channel of a text; null when there are too many.</summary>
    protected TextChannel? Open(long owner, long part, string name, string pointer)
    {
        if (Channels.Count == MaxChannels)
        {
            Fault = StreamFault.TooLarge;
            return null;
        }

        var channel = new TextChannel(owner, part, name, Scrubber.Open(pointer));
        Channels.Add(channel);
        return channel;
    }

    /// <summary>Puts a piece through its channel and the result in its place.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="node">The piece.</param>
    /// <param name="final">Whether it is the channel's last piece.</param>
    /// <returns>Whether anything is left to show.</returns>
    protected bool Pass(TextChannel channel, int node, bool final = false)
    {
        string piece = Tape.Text(node);
        Texts.Add(channel.Owner, channel.Part, channel.Name, piece);
        string shown = channel.Scrubber.Append(piece);
        if (final)
        {
            shown += channel.Scrubber.Flush();
            Channels.Remove(channel);
        }

        if (!IsSame(node, shown))
        {
            Edits.ReplaceWithText(Tape[node].Start, Tape[node].End, shown);
        }

        return shown.Length > 0;
    }

    /// <summary>Holds a fragment of arguments back.</summary>
    protected void Hold(HeldText held, string fragment)
    {
        held.Text.Append(fragment);
        Texts.Add(held.Owner, held.Index, held.Member, fragment);
        HeldChars += fragment.Length;
        if (HeldChars > MaxHeldChars)
        {
            Fault = StreamFault.TooLarge;
        }
    }

    /// <summary>Ends held arguments: scrubbed, in one piece.</summary>
    protected string Release(HeldText held, string pointer)
    {
        string text = held.Text.ToString();
        Held.Remove(held);
        HeldChars -= text.Length;
        if (text.Length == 0)
        {
            return text;
        }

        return Scrubber.ScrubJson(text, new TextPlace(pointer)) ?? text;
    }

    /// <summary>Says that a part was not looked into.</summary>
    protected void Unsee(string pointer, string why)
    {
        if (why is UnseenPart.Media && Settings.DenyUncovered)
        {
            Fault = StreamFault.NotCovered;
        }

        if (why.Length > 0 && Unseen.Count < 100 && !Unseen.Contains(new UnseenPart(pointer, why)))
        {
            Unseen.Add(new UnseenPart(pointer, why));
        }
    }

    /// <summary>Remembers a called tool.</summary>
    protected void Called(int node)
    {
        if (node >= 0 && Tape[node].Kind is JsonKind.String && ToolNames.Count < 100 && Tape[node].End - Tape[node].Start is > 2 and < 256)
        {
            ToolNames.Add(Tape.Text(node));
        }
    }

    // Whatever the frame's texts went through: what a detector gave up on is in what was written of this frame, and that is not shown.
    private void StopIfDetectorFailed()
    {
        if (Fault is StreamFault.None && Scrubber.MustStop)
        {
            Fault = StreamFault.Detector;
        }
    }

    // What did not change keeps its very bytes, escapes included.
    private bool IsSame(int node, string shown) => !Tape[node].Escaped
        ? System.Text.Encoding.UTF8.GetByteCount(shown) == Tape.RawText(node).Length && shown == Tape.Text(node)
        : shown == Tape.Text(node);
}

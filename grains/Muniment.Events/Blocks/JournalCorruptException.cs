namespace Muniment.Events.Blocks;

/// <summary>Stored journal bytes are not what was written, or cannot be read: never expected, always to be reported with its place.</summary>
public sealed class JournalCorruptException : Exception
{
    /// <summary>Names the place and what is wrong there.</summary>
    /// <param name="fault">What kind of damage.</param>
    /// <param name="firstSeq">Seq of the first event of the block.</param>
    /// <param name="offset">Byte in the stored payload, or in the decoded content when the message says so.</param>
    /// <param name="detail">What was found and what was expected.</param>
    public JournalCorruptException(JournalFault fault, long firstSeq, int offset, string detail)
        : base($"journal block at seq {firstSeq}, offset {offset}: {detail}")
    {
        Fault = fault;
        FirstSeq = firstSeq;
        Offset = offset;
    }

    /// <summary>What kind of damage.</summary>
    public JournalFault Fault { get; }

    /// <summary>Seq of the first event of the block.</summary>
    public long FirstSeq { get; }

    /// <summary>Where in the block.</summary>
    public int Offset { get; }
}

/// <summary>Kinds of damage.</summary>
public enum JournalFault
{
    /// <summary>The payload ends before its own lengths say so.</summary>
    Truncated,

    /// <summary>A version, codec or length that this program does not know or that cannot be.</summary>
    Format,

    /// <summary>The key's number is unknown: the key was destroyed, or the number is wrong.</summary>
    KeyMissing,

    /// <summary>Authentication failed: tampered bytes or a wrong key.</summary>
    Authentication,

    /// <summary>Authenticated bytes that do not decode: written by a faulty program.</summary>
    Content,
}

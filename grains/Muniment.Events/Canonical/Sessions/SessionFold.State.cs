using System.Text;

namespace Muniment.Events.Canonical.Sessions;

/// <content>The fold as bytes, so that it can be put away and gone on with.</content>
public sealed partial class SessionFold
{
    /// <summary>
    /// Version of these bytes and of what is counted. Raised with every change of either; stored folds of another version are then built again from the log.
    /// </summary>
    public const byte StateVersion = 2;

    /// <summary>Hashes of turns and calls that it holds; what it weighs in memory.</summary>
    public int Tracked => turns.Count + calls.Count;

    /// <summary>Everything, so that <see cref="ReadState"/> gives a fold that goes on like this one.</summary>
    public byte[] WriteState()
    {
        using var stream = new MemoryStream(256 + (8 * Tracked));
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(StateVersion);
        writer.Write(Session);
        Write(writer, Agent);
        Write(writer, User);
        Write(writer, Project);
        Write(writer, RiskMax);
        writer.Write(HasOtherUsers);
        writer.Write(HasOtherProjects);
        foreach (long number in (ReadOnlySpan<long>)[StartedNs, EndedNs, LastSeq, LastReceivedNs, Events, Denied, Turns, ToolCalls, sequenceMin, sequenceMax, sequenceCount])
        {
            writer.Write(number);
        }

        Write(writer, turns);
        Write(writer, calls);
        usage.WriteState(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a fold; null when it is of another version.</summary>
    public static SessionFold? ReadState(byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state), Encoding.UTF8);
        if (reader.ReadByte() != StateVersion)
        {
            return null;
        }

        // Members are read in the order in which they are written here.
        var fold = new SessionFold(reader.ReadString())
        {
            Agent = Text(reader),
            User = Text(reader),
            Project = Text(reader),
            RiskMax = Text(reader),
            HasOtherUsers = reader.ReadBoolean(),
            HasOtherProjects = reader.ReadBoolean(),
            StartedNs = reader.ReadInt64(),
            EndedNs = reader.ReadInt64(),
            LastSeq = reader.ReadInt64(),
            LastReceivedNs = reader.ReadInt64(),
            Events = reader.ReadInt64(),
            Denied = reader.ReadInt64(),
            Turns = reader.ReadInt64(),
            ToolCalls = reader.ReadInt64(),
            sequenceMin = reader.ReadInt64(),
            sequenceMax = reader.ReadInt64(),
            sequenceCount = reader.ReadInt64(),
        };
        Read(reader, fold.turns);
        Read(reader, fold.calls);
        fold.usage = SessionUsage.ReadState(reader);
        return fold;
    }

    private static void Write(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        writer.Write(text ?? "");
    }

    private static void Write(BinaryWriter writer, HashSet<ulong> set)
    {
        writer.Write(set.Count);
        foreach (ulong hash in set)
        {
            writer.Write(hash);
        }
    }

    private static string? Text(BinaryReader reader)
    {
        bool there = reader.ReadBoolean();
        string text = reader.ReadString();
        return there ? text : null;
    }

    private static void Read(BinaryReader reader, HashSet<ulong> set)
    {
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            set.Add(reader.ReadUInt64());
        }
    }
}

using System.Buffers.Binary;
using System.Net.Sockets;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>What the kernel knows of a connection (<c>TCP_INFO</c>, Linux): the nearest thing to an acknowledgement that syslog over TCP has.</summary>
internal static class TcpState
{
    private const int TcpLevel = 6, TcpCork = 3, TcpInfo = 11, Established = 1, FinWait2 = 5, TimeWait = 6, Close = 7;
    private const int UnackedOffset = 24, NotSentOffset = 144, LeastLength = 148;

    /// <summary>
    /// After our end was sent and theirs was read: whether theirs came after they had acknowledged ours, without a reset. Then our kernel is done with the connection; while it
    /// still waits for our end to be acknowledged, theirs came too early. Under TLS the reading may be ahead of their end.
    /// </summary>
    public static bool EndedInOrder(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> info = stackalloc byte[256];
        socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
        return info[0] is FinWait2 or TimeWait or Close && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0;
    }

    /// <summary>What is written from here on waits until the sending direction is shut down, or a fifth of a second (<c>TCP_CORK</c>).</summary>
    public static void HoldBack(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, TcpCork, [1, 0, 0, 0]);
        }
    }

    /// <summary>True when every byte was acknowledged by the other kernel and the connection stands; false when not yet; null when the connection is down.</summary>
    public static bool? IsAcknowledged(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true; // the write is all that is known there
        }

        Span<byte> info = stackalloc byte[256];
        int length = socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
        if (info[0] != Established)
        {
            return null;
        }

        return length < LeastLength
            || (BinaryPrimitives.ReadUInt32LittleEndian(info[UnackedOffset..]) == 0 && BinaryPrimitives.ReadUInt32LittleEndian(info[NotSentOffset..]) == 0);
    }
}

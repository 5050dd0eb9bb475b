using System.Net;
using System.Net.Sockets;
using Muniment.Gateway.Hosting;

namespace Muniment.Host;

/// <summary>Tries the ports before anything is opened, so that one in use costs one sentence and not a half-started platform.</summary>
internal static class PortCheck
{
    public static string? Refuse(GatewayOptions options)
    {
        IPAddress address = ListenerSafety.Address(options) ?? IPAddress.Loopback;
        var taken = new Dictionary<int, string>();
        foreach ((string flag, int port) in ((string, int)[])[("--http", options.Http), ("--otlp-grpc", options.OtlpGrpc), ("--otlp-http", options.OtlpHttp)])
        {
            if (port == 0)
            {
                continue;
            }

            if (!taken.TryAdd(port, flag))
            {
                return $"{flag} {port}: {taken[port]} has the same port; choose another one, or 0 for any free one.";
            }

            try
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{flag} {port}: the port is in use; choose another one, or 0 for any free one."
                    : $"{flag} {port} on --bind {options.Bind}: {e.Message}.";
            }
        }

        return null;
    }
}

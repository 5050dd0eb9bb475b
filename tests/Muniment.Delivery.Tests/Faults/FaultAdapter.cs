using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>
/// How to add a kind to the fault table.
/// <list type="number">
/// <item>Write a strict fake of the destination as a class that derives from <see cref="HttpFaultAdapter"/> (from this class when the kind does not speak HTTP). It says its
/// <see cref="Kind"/>, its <see cref="Configuration"/>, and reads one request in <see cref="HttpFaultAdapter.AnswerAsync"/> with other code than the product's.</item>
/// <item>For every event of a request call <see cref="Take"/> with the event's key (<c>e{seq}</c>, the id that <see cref="FakeSource"/> gives; from the mark <c>muniment.seq</c>
/// where the id is not sent) and its bytes as they came. Anything that a real server would refuse goes into <see cref="Wrong"/>.</item>
/// <item>Refuse as the real server does: when <see cref="Accepts"/> says no to the credential that came, when an event's key is in <see cref="Poison"/> (take nothing then,
/// or exactly what the real server takes), and when <see cref="TakePartial"/> answers true, in which case part of the request is refused once, in the kind's way.</item>
/// <item>Name in <see cref="NotApplicable"/> the faults that cannot happen to this kind, each with the reason. Override <see cref="Expect"/> where the kind must answer
/// otherwise than the table says.</item>
/// <item>Add a test class of three lines, as in <c>SplunkHecFaults.cs</c>: <c>Cases</c> from <see cref="FaultTable.CasesOf"/>, a theory that calls
/// <see cref="FaultTable.RunAsync"/>.</item>
/// </list>
/// The table then checks after each fault: nothing is lost, order was kept, an event came twice only where the outcome was unknown and with the same bytes, receipts tile,
/// the outcome and the reason shown were the right ones. Time runs 120 times as fast (<see cref="Time"/>); nothing may sleep for real longer than some milliseconds.
/// </summary>
internal abstract class FaultAdapter : IAsyncDisposable
{
    private readonly ConcurrentQueue<Arrival> _arrivals = [];
    private Socket? _reserved;
    private int _partial;

    /// <summary>Name of the kind in the contract.</summary>
    public abstract string Kind { get; }

    /// <summary>Faults that make no sense for it, each with the reason.</summary>
    public virtual IReadOnlyDictionary<Fault, string> NotApplicable { get; } = new Dictionary<Fault, string>();

    /// <summary>The clock of everything.</summary>
    public FastTime Time { get; } = new(FaultTable.Factor);

    /// <summary>How far the clock leaps when an exchange hangs, so that the limit behind which it is given up need not be short; null to let it hang.</summary>
    public TimeSpan? HangLeap { get; set; }

    /// <summary>The fault in force, or null.</summary>
    public Fault? Current { get; private set; }

    /// <summary>Keys of events that are refused for good.</summary>
    public ConcurrentDictionary<string, byte> Poison { get; } = [];

    /// <summary>Keys of events that were refused without being named to the client (OTLP's partial success), so that they are neither here nor dead letters.</summary>
    public ConcurrentDictionary<string, byte> RefusedUnnamed { get; } = [];

    /// <summary>What a strict server would have refused about the requests.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    /// <summary>When requests came, by <see cref="Time"/>.</summary>
    public ConcurrentQueue<DateTimeOffset> RequestTimes { get; } = [];

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Folder in which the kind <c>file</c> writes.</summary>
    public string ExportDirectory { get; } = Path.Combine(Path.GetTempPath(), "muniment-faults-" + Guid.NewGuid().ToString("N")[..12], "export");

    /// <summary>What arrived, in order, repeats included.</summary>
    public virtual IReadOnlyList<Arrival> Arrivals => [.. _arrivals];

    /// <summary>The destination's JSON without <c>id</c> and <c>batch</c>.</summary>
    /// <param name="root">Scheme, 127.0.0.1 (localhost with TLS) and port, such as <c>http://127.0.0.1:1234</c>.</param>
    /// <param name="renewed">False for the first credential, true for the one that replaces it.</param>
    public abstract JsonObject Configuration(string root, bool renewed);

    /// <summary>What the fault must lead to.</summary>
    public virtual Expectation Expect(Fault fault) => Expectation.Of(fault);

    /// <summary>Fills the log; an adapter of metrics adds metrics instead.</summary>
    public virtual void Fill(FakeSource source, int count) => source.Add(count);

    /// <summary>Adds one event that is larger than 20 kB.</summary>
    public virtual void FillLarge(FakeSource source) => source.Add(extra: $",\"reason\":\"{new string('x', 20_000)}\"");

    /// <summary>Key of the event with this seq.</summary>
    public virtual string KeyOf(long seq) => "e" + seq;

    /// <summary>Takes a port without listening on it.</summary>
    public virtual void Reserve()
    {
        _reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_reserved.LocalEndPoint!).Port;
    }

    /// <summary>Begins to listen on the port that was taken.</summary>
    /// <param name="certificate">Gives the server's certificate at each handshake; null for plain text.</param>
    public abstract Task ListenAsync(Func<X509Certificate2>? certificate);

    /// <summary>Falls ill.</summary>
    public virtual void Begin(Fault fault)
    {
        Current = fault;
        _partial = fault == Fault.Partial ? 1 : 0;
    }

    /// <summary>Is well again.</summary>
    public virtual void Heal() => Current = null;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _reserved?.Dispose();
        string root = Path.GetDirectoryName(ExportDirectory)!;
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The socket that was taken, now the caller's.</summary>
    protected Socket TakeSocket()
    {
        Socket socket = _reserved!;
        _reserved = null;
        return socket;
    }

    /// <summary>Whether the credential is good now: the first or the renewed one, by what is going on.</summary>
    /// <param name="renewed">Whether the renewed one came; null when neither did.</param>
    protected bool Accepts(bool? renewed) => Current switch
    {
        Fault.CredentialRestored => false,
        Fault.CredentialReplaced => renewed == true,
        _ => renewed is not null,
    };

    /// <summary>An exchange hangs from here on.</summary>
    protected void Hang()
    {
        if (HangLeap is { } leap)
        {
            Time.Leap(leap);
        }
    }

    /// <summary>True once while <see cref="Fault.Partial"/> is in force.</summary>
    protected bool TakePartial() => Interlocked.Exchange(ref _partial, 0) == 1;

    /// <summary>An event was taken.</summary>
    protected void Take(string key, byte[] bytes) => _arrivals.Enqueue(new Arrival(key, Convert.ToHexString(bytes)));
}

/// <summary>One event at the destination.</summary>
/// <param name="Key">Which.</param>
/// <param name="Bytes">As they came, comparable.</param>
internal sealed record Arrival(string Key, string Bytes);

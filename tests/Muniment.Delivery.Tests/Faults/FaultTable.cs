using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Machine;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>Runs one destination through one fault and checks what must hold. How to add a kind is told at <see cref="FaultAdapter"/>.</summary>
internal static class FaultTable
{
    /// <summary>How much faster than real the clock runs.</summary>
    public const int Factor = 120;

    /// <summary>Size above which <see cref="Fault.TooLargeAlone"/> refuses.</summary>
    public const int LargestAloneBytes = 16_000;

    /// <summary>What <see cref="Fault.RetryAfterSeconds"/> asks for.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(20);

    /// <summary>Two minutes of real time, longer than any limit of a sender: what does not hang is not given up, however slow the machine is.</summary>
    public static readonly TimeSpan SendLimit = TimeSpan.FromMinutes(2 * Factor);

    /// <summary>Tokens live so long that between their renewal and their end lies a minute of real time, as a fifth of the life is.</summary>
    public const int TokenLifeSeconds = 5 * 60 * Factor;

    private const int First = 30, More = 15, PoisonSeq = 17;

    /// <summary>The cases of one kind.</summary>
    public static TheoryData<Fault> CasesOf(FaultAdapter adapter)
    {
        TheoryData<Fault> cases = [];
        foreach (Fault fault in Enum.GetValues<Fault>().Where(f => !adapter.NotApplicable.ContainsKey(f)))
        {
            cases.Add(fault);
        }

        return cases;
    }

    /// <summary>Runs one case; the adapter is disposed.</summary>
    /// <param name="adapter">The kind and its strict fake.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="relaxed">With up to four requests at once instead of in order.</param>
    public static async Task RunAsync(FaultAdapter adapter, Fault fault, bool relaxed = false)
    {
        await using FaultAdapter owned = adapter;
        bool tls = fault == Fault.ExpiredCertificate;
        using Certificates? certificates = tls ? new Certificates() : null;
        adapter.Reserve();
        if (fault != Fault.Refuse)
        {
            await adapter.ListenAsync(tls ? () => adapter.Current is null ? certificates!.Valid : certificates!.Expired : null);
        }

        Expectation expected = adapter.Expect(fault);
        FakeSource source = new() { BlockSize = 50 };
        adapter.Fill(source, First);
        if (fault == Fault.TooLargeAlone)
        {
            adapter.FillLarge(source);
        }
        else if (fault == Fault.Poison)
        {
            adapter.Poison[adapter.KeyOf(PoisonSeq)] = 0;
        }

        adapter.Begin(fault);
        MemoryDestinationStore store = new();
        adapter.HangLeap = SendLimit;
        DeliveryServices services = Fixtures.Services(source, store, adapter.ExportDirectory, adapter.Time) with
        {
            Random = () => 0.2, Sweep = TimeSpan.FromSeconds(5), SendLimit = SendLimit,
        };
        string Json(bool renewed) => Complete(adapter.Configuration($"{(tls ? "https" : "http")}://{(tls ? "localhost" : "127.0.0.1")}:{adapter.Port}", renewed), certificates, relaxed);
        await using DestinationRunner runner = await Fixtures.OpenAsync(services, Json(renewed: false));

        DestinationStatus ill = await runner.UntilAsync(s => s.Outcomes[(int)expected.Kind] >= expected.Count);
        if (expected.Code is not null)
        {
            Assert.Equal(expected.Code, ill.Reason?.Code);
            Assert.NotEmpty(ill.Reason!.Message);
            Assert.Equal(expected.Kind is OutcomeKind.CredentialRejected or OutcomeKind.Misconfigured ? DeliveryCondition.Paused : DeliveryCondition.BackingOff, ill.State);
            Assert.True(ill.Reason.Hint is { Length: > 0 }, "a reason must say what to do");
        }

        if (expected.Count > CircuitState.Consecutive && expected.Code is not null)
        {
            Assert.True(ill.CircuitOpen);
        }

        adapter.Fill(source, More);
        runner.Kick();
        await HealAsync(adapter, fault, runner, Json);
        DestinationStatus settled = await runner.UntilAsync(s => s.Position == source.Size);
        await CheckAsync(adapter, fault, expected, source, store, settled, ordered: !relaxed && fault != Fault.Partial);
        if (fault == Fault.Poison)
        {
            await ReplayAsync(adapter, runner);
        }
    }

    private static async Task HealAsync(FaultAdapter adapter, Fault fault, DestinationRunner runner, Func<bool, string> json)
    {
        switch (fault)
        {
            case Fault.Refuse:
                adapter.Heal();
                await adapter.ListenAsync(null);
                break;
            case Fault.CredentialReplaced:
                Assert.Equal(ConfigureStatus.Done, (await runner.ConfigureAsync(Encoding.UTF8.GetBytes(json(true)), null, default)).Status);
                break;
            case Fault.Redirect or Fault.ExpiredCertificate:
                adapter.Heal();
                await runner.ResumeAsync(default);
                break;
            case Fault.Poison or Fault.TooLarge or Fault.TooLargeAlone:
                break; // the server stays as it is
            default:
                adapter.Heal();
                break;
        }
    }

    private static async Task CheckAsync(FaultAdapter adapter, Fault fault, Expectation expected, FakeSource source, IDestinationStore store, DestinationStatus settled, bool ordered)
    {
        Assert.True(adapter.Wrong.IsEmpty, string.Join('\n', adapter.Wrong));
        IReadOnlyList<Arrival> arrivals = adapter.Arrivals;
        DeadLetter[] letters = [.. await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 1000, default)];
        Dictionary<string, long> seqs = Enumerable.Range(0, (int)source.Size).ToDictionary(s => adapter.KeyOf(s), s => (long)s);
        long[] lost = [.. seqs.Where(p => !letters.Any(l => l.Seq == p.Value) && !adapter.RefusedUnnamed.ContainsKey(p.Key) && !arrivals.Any(a => a.Key == p.Key)).Select(p => p.Value)];
        Assert.Empty(lost);
        Assert.All(arrivals, a => Assert.Contains(a.Key, seqs.Keys));
        string[] firsts = [.. arrivals.Select(a => a.Key).Distinct()];
        if (ordered)
        {
            Assert.Equal(firsts.OrderBy(k => seqs[k]), firsts); // strict order
        }

        foreach (IGrouping<string, Arrival> same in arrivals.GroupBy(a => a.Key))
        {
            Assert.Single(same.Select(a => a.Bytes).Distinct());
        }

        Assert.True(expected.Unknown || arrivals.Count == firsts.Length, "events arrived twice, though their outcome was known");
        Assert.Equal(
            fault switch { Fault.Poison => [PoisonSeq], Fault.TooLargeAlone => [First], _ => letters.Where(_ => fault == Fault.Partial).Select(l => l.Seq).ToArray() },
            letters.Select(l => l.Seq));
        Assert.Equal(letters.Length, settled.DeadLetters);
        if (fault is Fault.RetryAfterSeconds or Fault.RetryAfterDate)
        {
            DateTimeOffset[] times = [.. adapter.RequestTimes.Take(2)];
            Assert.True(times[1] - times[0] >= RetryAfter - TimeSpan.FromSeconds(1.5), "the next request came before the time that was asked for");
        }

        ReceiptChecks.LanesAreWhole(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 1000, default), source.Size);
    }

    /// <summary>The cause is gone: the dead letter goes out with its own number.</summary>
    private static async Task ReplayAsync(FaultAdapter adapter, DestinationRunner runner)
    {
        adapter.Poison.Clear();
        adapter.Heal();
        Assert.Equal(1, (await runner.ReplayAsync(null, default)).Queued);
        await runner.UntilAsync(s => s.DeadLetters == 0);
        Assert.Equal(adapter.KeyOf(PoisonSeq), adapter.Arrivals[^1].Key);
    }

    private static string Complete(JsonObject configuration, Certificates? certificates, bool relaxed)
    {
        configuration["id"] = "d";
        configuration["batch"] ??= new JsonObject { ["max_events"] = relaxed ? 4 : 10, ["in_flight"] = 4 };
        configuration["order"] = relaxed ? "relaxed" : "strict";
        if (certificates is not null)
        {
            configuration["tls"] = new JsonObject { ["ca_pem"] = certificates.AuthorityPem };
        }

        return configuration.ToJsonString();
    }

    /// <summary>An authority of its own with a good and an expired certificate for localhost.</summary>
    private sealed class Certificates : IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _authority;

        public Certificates()
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            CertificateRequest request = new("CN=faults", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _authority = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
            AuthorityPem = _authority.ExportCertificatePem();
            Valid = Make(now.AddDays(-1), now.AddDays(30));
            Expired = Make(now.AddDays(-30), now.AddDays(-1));
        }

        public string AuthorityPem { get; }
        public X509Certificate2 Valid { get; }
        public X509Certificate2 Expired { get; }

        public void Dispose()
        {
            Valid.Dispose();
            Expired.Dispose();
            _authority.Dispose();
            _key.Dispose();
        }

        private X509Certificate2 Make(DateTimeOffset from, DateTimeOffset to)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 made = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(8));
            return made.CopyWithPrivateKey(key);
        }
    }
}

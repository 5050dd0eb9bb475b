using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muniment.Egress;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Llm;
using Muniment.Gateway.Llm.Forwarding;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Upstreams;
using Muniment.Policy.Evaluation;
using Yarp.ReverseProxy.Forwarder;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>The call runs beside the record of its request: what needs that record to have begun waits for it, and no longer.</summary>
public sealed class RecordBegunTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);
    private static readonly IOptions<LlmOptions> Usual = Options.Create(new LlmOptions());

    [Fact]
    public async Task TheAnswerOfAClientThatLeftBeforeTheRecordBeganIsRecordedAfterIt()
    {
        var log = new Log();
        LlmCall call = Call(new CancellationToken(canceled: true));
        var writer = new EventStreamWriter(Judge(log), Usual, TimeProvider.System);
        using var response = new HttpResponseMessage { Content = new ByteArrayContent("data: {}\n\n"u8.ToArray()) };
        Task written = writer.WriteAsync(call, response);
        Assert.False(written.IsCompleted);
        Assert.Empty(log.Answers);
        call.RecordBegun.SetResult();
        await written.WaitAsync(Long);
        Assert.Equal("client_aborted", Assert.Single(log.Answers).Reason);
    }

    [Fact]
    public async Task NobodyWaitsForARecordThatFailedBeforeItBegan()
    {
        var log = new Log { Failure = new DecidingUnavailableException("not today") };
        var options = Usual;
        using var clients = new UpstreamClients(new EgressHttp(new EgressGuard([], new PlatformEndpoints(), new SystemHostResolver())), options);
        LlmCall call = Call(default);
        var forwarder = new CallForwarder(null!, log, clients, new Forwarder(call), null!, Judge(log), options, NullLogger<CallForwarder>.Instance);
        DecidingUnavailableException thrown = await Assert.ThrowsAsync<DecidingUnavailableException>(() => forwarder.ForwardAsync(call));
        Assert.Same(log.Failure, thrown);
        Assert.Empty(log.Answers);
    }

    private static AnswerJudge Judge(IDecisionLog log) => new(null!, log, new PriceTable(Options.Create(new PriceOptions())), TimeProvider.System);

    private static LlmCall Call(CancellationToken aborted)
    {
        var request = new DecisionRequest { Action = DecisionActions.ModelInvoke, Caller = new DecisionCaller { KeyId = "k1" }, Target = "oai" };
        var caller = new Caller(TenantId.Default, "k1", Role.Agent, null, null, false);
        var asked = new DecisionCall(caller, request, new DecisionContext { Receiver = "llm" }) { IsSettledLater = true };
        Verdict response = PolicySet.Empty.Decide(request.AsResponse());
        var upstream = new Upstream("oai", UpstreamKind.OpenAi, new Uri("http://127.0.0.1:9/v1"), null);
        return new LlmCall(new DefaultHttpContext { RequestAborted = aborted }, caller, upstream, SurfaceTable.Find("POST", "v1/chat/completions", anthropic: false), "chat/completions")
        {
            AnswerVerdict = response,
            Decision = new Decision(Guid.CreateVersion7().ToString(), asked, PolicySet.Empty.Decide(request), response, Inspection.None, null, [], null, 1, 1),
        };
    }

    /// <summary>An upstream whose answer is there before the record of the request has begun.</summary>
    private sealed class Forwarder(LlmCall call) : IHttpForwarder
    {
        public ValueTask<ForwarderError> SendAsync(HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
            SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, default);

        public async ValueTask<ForwarderError> SendAsync(
            HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer, CancellationToken cancellationToken)
        {
            await call.RecordBegun.Task.WaitAsync(Long, CancellationToken.None);
            return ForwarderError.None;
        }
    }

    private sealed class Log : IDecisionLog
    {
        public List<DecisionAnswer> Answers { get; } = [];

        public DecidingUnavailableException? Failure { get; init; }

        public bool IsKnownUnwritable(TenantId tenant) => false;

        public ValueTask AppendInvokeAsync(Decision decision, CancellationToken cancellationToken) => Failure is null ? default : throw Failure;

        public ValueTask AppendRespondAsync(Decision decision, DecisionAnswer answer, CancellationToken cancellationToken)
        {
            Answers.Add(answer);
            return default;
        }
    }
}

using FsCheck;
using FsCheck.Fluent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Deciding;
using Muniment.Gateway.Deciding.Records;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>A record goes into its segment without being read again: what is said of it beside its JSON must be what a reader of the JSON finds.</summary>
public sealed class DecisionRecordTests
{
    private const long Now = 1_800_000_000_123_456_700;
    private static readonly TenantKeys Keys = new MemoryKeyring().Current(TenantId.Default);

    [Fact]
    public void The_segment_is_the_one_that_reading_the_record_gives()
    {
        int known = 0;
        Gen<string?> text = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string?>(),
            Gen.Elements<string?>(null, "", "gpt-4o", "a\0b", "\ud800", "x\udc00y", "zwölf\u200b", "\"\\/\n\t", new string('m', 300), "\\u0000", "user:j@acme.com", "😀"));
        Gen<long> number = Gen.OneOf(Gen.Choose(0, 5000).Select(n => (long)n), Gen.Elements(-1L, long.MaxValue));
        Prop.ForAll(Gen.ArrayOf(text, 12).ToArbitrary(), Gen.ArrayOf(number, 6).ToArbitrary(), (t, n) =>
        {
            Decision decision = Make(t, n[0]);
            DecisionAnswer? answer = n[1] % 2 == 0 ? null : new DecisionAnswer
            {
                Model = new ModelPart { Provider = "openai", Served = t[8] },
                Usage = n[2] % 3 == 0 ? null : new UsagePart { Input = n[2], Output = n[3], Cost = n[4] % 5 == 0 ? new CostPart { Amount = "0.5", Unit = "USD" } : null },
                Target = t[9],
                Reason = t[10],
                Texts = [new InspectedText("/choices/0/message/content", "assistant", t[11] ?? "")],
            };
            RecordBuffer buffer = RecordBuffer.Take();
            if (answer is null)
            {
                DecisionRecord.WriteRequest(buffer, decision, Keys, Now);
            }
            else
            {
                decision.Settle(default);
                DecisionRecord.WriteAnswer(buffer, decision, answer, Keys, Now);
            }

            if (buffer.Event is not null)
            {
                known++;
                var envelope = new EnvelopeBytes(new Envelope { Stream = "decision", Key = "k1", Receiver = "llm", Address = "10.0.0.1" });
                using var one = new SegmentEncoder();
                using var other = new SegmentEncoder();
                one.Begin(Keys, Now);
                other.Begin(Keys, Now);
                EventEncoding.Add(other, buffer.Written, envelope, Now, SenderKind.Platform);
                EventEncoding.AddKnown(one, buffer.Written, buffer.Event, envelope);
                Same(one.Finish(), other.Finish());
            }

            buffer.GiveBack();
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Assert.InRange(known, 200, 2000);
    }

    [Fact]
    public void A_record_that_no_reader_would_take_is_not_taken_for_known()
    {
        RecordBuffer buffer = RecordBuffer.Take();
        DecisionRecord.WriteRequest(buffer, Make([null, "a\0b", null, null, null, null, null, null], 1), Keys, Now);
        Assert.Null(buffer.Event);
        Assert.False(CanonicalJsonReader.Parse(buffer.Written, Now, SenderKind.Platform).IsOk);
        buffer.GiveBack();
    }

    private static Decision Make(string?[] t, long time)
    {
        var request = new DecisionRequest
        {
            Action = DecisionActions.ModelInvoke,
            Caller = new DecisionCaller { KeyId = "k1", User = string.IsNullOrEmpty(t[0]) ? null : t[0], Session = t[2], Agent = t[3], Project = t[4] },
            Model = t[1],
            Target = t[5],
            Tool = t[6] is { } tool ? new DecisionTool { Name = tool, Namespace = "mcp", Server = t[7] } : null,
            Texts = [new InspectedText("/messages/0/content", "user", t[7] ?? "")],
            TimeNs = Now,
        };
        var call = new DecisionCall(new Caller(TenantId.Default, "k1", Role.Agent, null, null, false), request, new DecisionContext { Receiver = Receivers.Llm, Address = "10.0.0.1", Correlation = DecisionContext.Id(t[2]) })
        {
            IsSettledLater = true,
        };
        Verdict verdict = PolicySet.Empty.Decide(request);
        return new Decision(Guid.CreateVersion7().ToString(), call, verdict, PolicySet.Empty.Decide(request.AsResponse()), Inspection.None, null, [], null, Now + time % 1_000_000_000, 12);
    }

    private static void Same(Segment one, Segment other)
    {
        Assert.Equal((other.Count, other.ReceivedNs, other.MinTimeNs, other.MaxTimeNs, other.Payload.Length), (one.Count, one.ReceivedNs, one.MinTimeNs, one.MaxTimeNs, one.Payload.Length));
        Assert.Equal(other.Terms.ToArray(), one.Terms.ToArray());
        Assert.NotEmpty(one.Terms.ToArray());
    }
}

using System.Text;
using Muniment.Delivery.Kinds.SplunkHec;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Tests.Kinds;

/// <summary>Every code of Splunk's table under the status it comes with, and under statuses it should not come with.</summary>
public sealed class HecAnswerTests
{
    [Theory]
    [InlineData(200, 0, OutcomeKind.Delivered)]
    [InlineData(403, 1, OutcomeKind.CredentialRejected)]
    [InlineData(401, 2, OutcomeKind.CredentialRejected)]
    [InlineData(401, 3, OutcomeKind.CredentialRejected)]
    [InlineData(403, 4, OutcomeKind.CredentialRejected)]
    [InlineData(400, 5, OutcomeKind.Misconfigured)]
    [InlineData(400, 6, OutcomeKind.BadRecord)]
    [InlineData(400, 7, OutcomeKind.Misconfigured)]
    [InlineData(500, 8, OutcomeKind.RetryLater)]
    [InlineData(503, 9, OutcomeKind.RetryLater)]
    [InlineData(400, 10, OutcomeKind.Misconfigured)]
    [InlineData(400, 11, OutcomeKind.Misconfigured)]
    [InlineData(400, 12, OutcomeKind.BadRecord)]
    [InlineData(400, 13, OutcomeKind.BadRecord)]
    [InlineData(400, 14, OutcomeKind.Misconfigured)]
    [InlineData(400, 15, OutcomeKind.BadRecord)]
    [InlineData(400, 16, OutcomeKind.Misconfigured)]
    [InlineData(503, 18, OutcomeKind.RetryLater)]
    [InlineData(503, 19, OutcomeKind.RetryLater)]
    [InlineData(503, 20, OutcomeKind.RetryLater)]
    [InlineData(400, 21, OutcomeKind.CredentialRejected)]
    [InlineData(503, 23, OutcomeKind.RetryLater)]
    public void Splunks_table(int status, int code, OutcomeKind expected) => Assert.Equal(expected, Read(status, code)!.Kind);

    [Theory]
    [InlineData(403, 6, OutcomeKind.CredentialRejected)]
    [InlineData(403, 0, OutcomeKind.CredentialRejected)]
    [InlineData(401, 9, OutcomeKind.CredentialRejected)]
    [InlineData(403, 7, OutcomeKind.CredentialRejected)]
    [InlineData(503, 6, OutcomeKind.RetryLater)]
    [InlineData(502, 4, OutcomeKind.RetryLater)]
    [InlineData(500, 99, OutcomeKind.RetryLater)]
    [InlineData(400, 4, OutcomeKind.CredentialRejected)]
    [InlineData(200, 9, OutcomeKind.RetryLater)]
    [InlineData(200, 99, OutcomeKind.RetryLater)]
    [InlineData(200, 4, OutcomeKind.CredentialRejected)]
    public void The_status_goes_before_a_code_that_contradicts_it(int status, int code, OutcomeKind expected) => Assert.Equal(expected, Read(status, code)!.Kind);

    [Theory]
    [InlineData(413, 6)]
    [InlineData(429, 9)]
    [InlineData(408, 9)]
    [InlineData(404, 4)]
    [InlineData(302, 0)]
    [InlineData(400, 99)]
    public void What_the_table_does_not_decide_is_left_to_the_status(int status, int code) => Assert.Null(Read(status, code));

    [Fact]
    public void The_position_of_a_bad_event_counts_from_zero() =>
        Assert.Equal(3, HecAnswer.Read(400, """{"text":"Invalid data format","code":6,"invalid-event-number":3}"""u8).ToOutcome()!.BadIndex);

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("{\"code\":\"6\"}")]
    [InlineData("{\"code\":1e99}")]
    public void A_body_that_is_no_answer_has_no_code(string body) => Assert.Null(HecAnswer.Read(400, Encoding.UTF8.GetBytes(body)).Code);

    private static DeliveryOutcome? Read(int status, int code) => HecAnswer.Read(status, Encoding.UTF8.GetBytes($$"""{"text":"x","code":{{code}}}""")).ToOutcome();
}

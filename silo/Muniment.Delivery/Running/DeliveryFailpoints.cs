namespace Muniment.Delivery.Running;

/// <summary>Places at which a test lets the process die.</summary>
public static class DeliveryFailpoints
{
    /// <summary>A batch is decided and not written down.</summary>
    public const string BeforePlan = "before-plan";
    /// <summary>A plan is written down and not sent.</summary>
    public const string AfterPlan = "after-plan";
    /// <summary>The destination answered, the answer is not stored.</summary>
    public const string AfterSend = "after-send-before-settle";
    /// <summary>The answer is stored.</summary>
    public const string AfterSettle = "after-settle";

    /// <summary>Every point with one sentence.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
    [
        new(BeforePlan, "a delivery batch is decided and not yet written down"),
        new(AfterPlan, "a delivery plan is written down and not yet sent"),
        new(AfterSend, "the destination answered, the answer is not yet stored"),
        new(AfterSettle, "a destination's answer is stored"),
    ];
}
